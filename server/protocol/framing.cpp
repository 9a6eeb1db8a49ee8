#include "server/protocol/framing.h"

#include <algorithm>
#include <cstdint>

namespace hocket {

namespace {

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// Length of the UTF-8 sequence at the front of `s`, 0 if it is malformed (overlong, surrogate, past U+10FFFF, cut short).
std::size_t sequence_length(std::string_view s) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(s[i]); };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || s.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  if (first == 0xE0 && byte(1) < 0xA0) return 0;
  if (first == 0xED && byte(1) > 0x9F) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

}  // namespace

bool looks_like_http(std::string_view line) {
  const auto method_end = line.find(' ');
  if (method_end == std::string_view::npos || method_end == 0) return false;
  const auto method = line.substr(0, method_end);
  if (!std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) return false;
  return line.find(" HTTP/", method_end) != std::string_view::npos;
}

bool is_text(std::string_view line) {
  while (!line.empty()) {
    const auto c = static_cast<std::uint8_t>(line.front());
    if ((c < 0x20 && c != '\t' && c != '\r') || c == 0x7F) return false;
    const auto length = sequence_length(line);
    if (length == 0) return false;
    line.remove_prefix(length);
  }
  return true;
}

void FrameReader::give(std::string_view bytes) {
  if (closed_) return;
  if (begin_ > buffer_.size() / 2) {
    buffer_.erase(0, begin_);
    searched_ -= begin_;
    begin_ = 0;
  }
  buffer_.append(bytes);
}

std::optional<Frame> FrameReader::next() {
  while (!closed_) {
    const auto end = buffer_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = buffer_.size();
      if (searched_ - begin_ + code_.size() > most_bytes_) return close(Frame::Kind::too_long);
      return std::nullopt;
    }
    const auto line = std::string_view(buffer_).substr(begin_, end - begin_);
    auto frame = take_line(line);
    if (!closed_) begin_ = searched_ = end + 1;
    if (frame) return frame;
  }
  return std::nullopt;
}

std::optional<Frame> FrameReader::finish() {
  if (auto frame = next()) return frame;
  if (closed_) return std::nullopt;
  buffer_ += "\n\n";
  auto frame = next();
  if (!frame || frame->kind == Frame::Kind::call) closed_ = true;
  return frame;
}

std::optional<Frame> FrameReader::take_line(std::string_view line) {
  if (line.size() + code_.size() > most_bytes_) return close(Frame::Kind::too_long);
  const bool first = code_.empty();
  if (is_blank(line)) {
    if (first) return std::nullopt;
    Frame frame{Frame::Kind::code, std::move(code_)};
    code_.clear();
    return frame;
  }
  if (first && line.front() == '{') return Frame{Frame::Kind::call, std::string(line)};
  if (first && looks_like_http(line)) return close(Frame::Kind::http);
  if (!is_text(line)) return close(Frame::Kind::binary);
  code_.append(line);
  if (code_.back() == '\r') code_.pop_back();
  code_ += '\n';
  return std::nullopt;
}

Frame FrameReader::close(Frame::Kind kind) {
  closed_ = true;
  buffer_.clear();
  buffer_.shrink_to_fit();
  code_.clear();
  return {kind, ""};
}

}  // namespace hocket
