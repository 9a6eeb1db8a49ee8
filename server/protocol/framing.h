// Cuts a client's bytes into messages: lines of JSON, or plain code ended by an empty line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace hocket {

inline constexpr std::size_t kMaxMessageBytes = 1 << 20;

/// One message as it came. After `http`, `binary` and `too_long` nothing more is read from this client: a web page must not
/// get a second line through, and where a message too long ends cannot be known.
struct Frame {
  enum class Kind { call, code, http, binary, too_long };
  Kind kind = Kind::code;
  std::string text;  ///< call: the line; code: all lines
};

/// A message starts at the first line that is not empty: `{` makes it a call, which ends with its line; anything else is
/// plain code, which ends with an empty line. Time is linear in the bytes given, however they are cut.
class FrameReader {
 public:
  explicit FrameReader(std::size_t most_bytes = kMaxMessageBytes) : most_bytes_(most_bytes) {}

  void give(std::string_view bytes);
  /// The next whole message, if there is one.
  std::optional<Frame> next();
  /// At the end of the stream: what was begun counts as whole, so that `echo hush | nc` plays.
  std::optional<Frame> finish();
  /// Nothing more will be read.
  bool closed() const { return closed_; }

 private:
  std::optional<Frame> take_line(std::string_view line);
  Frame close(Frame::Kind);

  std::size_t most_bytes_;
  std::string buffer_;        // bytes not yet cut into lines
  std::size_t begin_ = 0;     // of the line being read
  std::size_t searched_ = 0;  // no line end before this
  std::string code_;          // lines of the plain code being read
  bool closed_ = false;
};

/// A request line of HTTP, whatever its method and version.
bool looks_like_http(std::string_view line);
/// Well-formed UTF-8 without control characters other than tab and return.
bool is_text(std::string_view line);

}  // namespace hocket
