// hocket serve: plays what clients send.
#include "server/app/live.h"

namespace hocket {

int serve(const ServeOptions& options) {
  StopSignals signals;
  LiveServer server(options, "", true);
  signals.stops(server);
  server.run();
  return 0;
}

}  // namespace hocket
