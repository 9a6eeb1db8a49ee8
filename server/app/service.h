// What the server answers: calls and plain code from clients, as actions on the session and words back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "server/app/load_account.h"
#include "server/control/session.h"
#include "server/protocol/framing.h"
#include "server/protocol/message.h"

namespace hocket {

/// For `status`: what the host knows besides the session.
struct HostStatus {
  std::string audio;  ///< the device, in one line
  double rate = 0;
  int clients = 0;
  std::uint64_t xruns = 0;  ///< times that the device ran dry
};

/// Thread: control
class Service {
 public:
  using Client = std::uint64_t;

  Service(Session&, std::function<HostStatus()>);

  /// The bytes to send back; empty where none are wanted.
  std::string answer(Client, const Frame&);
  void gone(Client);

  /// The notice of where the time went since the last one, or nothing where nobody has subscribed to "load".
  std::string load_notice();
  /// Who has subscribed to `topic`: "log", "error", "eval" or "load".
  std::vector<Client> subscribers(const std::string& topic) const;

  /// Called after every accepted evaluation, with its text; for notices to the others.
  std::function<void(Client, const EvalResult&)> on_evaluated;

 private:
  struct Outcome {
    Json result = nullptr;
    std::optional<Fault> fault;
  };
  using Method = Outcome (Service::*)(Client, const Json& params);
  struct Row {
    const char* name;
    Method method;
    const char* doc;
  };
  static const std::vector<Row>& methods();

  std::string answer_call(Client, const std::string& line);
  std::string answer_code(Client, const std::string& code);
  Outcome carry_out(Client, const EvalResult&);
  Outcome eval(Client, const Json&);
  Outcome replace(Client, const Json&);
  Outcome run(Client, const Json&, bool replace);
  Outcome history(Client, const Json&);
  Outcome hush(Client, const Json&);
  Outcome undo(Client, const Json&);
  Outcome redo(Client, const Json&);
  Outcome panic(Client, const Json&);
  Outcome status(Client, const Json&);
  Outcome version(Client, const Json&);
  Outcome describe(Client, const Json&);
  Outcome complete(Client, const Json&);
  Outcome subscribe(Client, const Json&);
  Outcome unsubscribe(Client, const Json&);
  Outcome set_topics(Client, const Json&, bool on);

  Session& session_;
  std::function<HostStatus()> host_;
  std::map<Client, std::set<std::string>> topics_;
  LoadAccount load_;
};

/// Diagnostics as clients get them: severity, line, column, their end, message, hint, and the text with its caret.
Json to_json(const Source&, const Diagnostics&);
/// An evaluation in one readable paragraph: errors with carets, or what was defined and when it is heard.
std::string to_text(const EvalResult&);

}  // namespace hocket
