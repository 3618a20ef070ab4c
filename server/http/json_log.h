#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "shared/base/ports.h"
#include "shared/base/result.h"

namespace lalanh::server {

enum class LogLevel : std::uint8_t { kInfo, kWarning, kError };

struct LogField {
  std::string_view name;  ///< an identifier of ours
  std::variant<std::int64_t, bool, std::string_view> value;
};

/// A log for machines and people: one JSON object a line, with time (Vietnam's), level, event and
/// fields. Never personal data: no query, no body, no text that a person typed, no message of an
/// exception. Thread-safe.
class JsonLog {
 public:
  /// `sink` gets each line without its end, one at a time.
  JsonLog(std::function<void(std::string_view)> sink, Clock& clock);

  /// To the file, which is rotated at kLogFileBytesMax and kept kLogFilesMax times; "": to standard
  /// error. system.file where it cannot be opened.
  static Result<std::unique_ptr<JsonLog>> open(const std::string& path, Clock& clock);

  /// From now on each line begins with this field too (the node's device, its unit).
  void always(std::string_view name, std::int64_t value);

  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

 private:
  std::mutex mutex_;
  std::function<void(std::string_view)> sink_;
  Clock& clock_;
  std::vector<std::pair<std::string, std::int64_t>> common_;
};

/// Ten million bytes hold about 60,000 requests; five files are weeks of a district.
inline constexpr std::size_t kLogFileBytesMax = 10'000'000;
inline constexpr std::size_t kLogFilesMax = 5;

}  // namespace lalanh::server
