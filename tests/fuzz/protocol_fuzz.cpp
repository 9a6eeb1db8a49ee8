// Whatever a client sends, in whatever pieces: bounded, and the same messages however it is cut.
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "server/protocol/framing.h"
#include "server/protocol/message.h"

namespace {

std::vector<hocket::Frame> read(std::string_view bytes, std::size_t piece, std::size_t most) {
  hocket::FrameReader reader(most);
  std::vector<hocket::Frame> frames;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.give(bytes.substr(at, piece));
    while (auto frame = reader.next()) frames.push_back(*frame);
  }
  if (auto frame = reader.finish()) frames.push_back(*frame);
  return frames;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr std::size_t kMost = 4096;
  const auto whole = read(bytes, bytes.size() + 1, kMost);
  const auto cut = read(bytes, data[0] % 64 + 1, kMost);
  if (whole.size() != cut.size()) std::abort();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i].kind != cut[i].kind || whole[i].text != cut[i].text) std::abort();
    if (whole[i].text.size() > kMost + 2) std::abort();
    if (whole[i].kind != hocket::Frame::Kind::call) continue;
    const auto parsed = hocket::parse_call(whole[i].text);
    if (const auto* call = std::get_if<hocket::Call>(&parsed)) {
      // What is answered must be a line that a client can read.
      if (!hocket::parse_reply(hocket::answer_line(call->id, call->method))) std::abort();
      if (!hocket::parse_reply(hocket::notice_line(call->method, call->params))) std::abort();
    } else if (!hocket::parse_reply(hocket::fault_line(std::get<hocket::BadCall>(parsed).id, std::get<hocket::BadCall>(parsed).fault))) {
      std::abort();
    }
    hocket::parse_reply(whole[i].text);
  }
  return 0;
}
