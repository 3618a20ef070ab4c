#include "server/http/json_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "shared/base/calendar.h"

namespace lalanh::server {
namespace {

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

void append_field(std::string& out, const LogField& field) {
  out += ',';
  append_json_text(out, field.name);
  out += ':';
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else {
    append_json_text(out, std::get<std::string_view>(field.value));
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  out += '"';
}

JsonLog::JsonLog(std::function<void(std::string_view)> sink, Clock& clock)
    : sink_(std::move(sink)), clock_(clock) {}

Result<std::unique_ptr<JsonLog>> JsonLog::open(const std::string& path, Clock& clock) {
  try {
    spdlog::sink_ptr sink;
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kLogFileBytesMax,
                                                                    kLogFilesMax);
    }
    auto logger = std::make_shared<spdlog::logger>("lalanhd", sink);
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::info);
    logger->flush_on(spdlog::level::info);
    return std::make_unique<JsonLog>(
        [logger](std::string_view line) {
          logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
        },
        clock);
  } catch (const spdlog::spdlog_ex& failure) {
    return Error(ErrorCode::system_file,
                 {{"action", "open"}, {"path", path}, {"why", failure.what()}});
  }
}

void JsonLog::always(std::string_view name, std::int64_t value) {
  const std::lock_guard lock(mutex_);
  append_field(common_, {name, value});
}

void JsonLog::write(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
  std::string line = "{\"time\":";
  append_json_text(line, vietnam_time_text(clock_.now()));
  line += ",\"level\":";
  append_json_text(line, level_name(level));
  line += ",\"event\":";
  append_json_text(line, event);
  const std::lock_guard lock(mutex_);
  line += common_;
  for (const LogField& field : fields) append_field(line, field);
  line += '}';
  sink_(line);
}

}  // namespace lalanh::server
