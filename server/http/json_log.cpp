#include "server/http/json_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "shared/base/calendar.h"
#include "shared/catalogue/json_writer.h"

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

void put(JsonWriter& json, const LogField& field) {
  if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
    json.integer(field.name, *number);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    json.boolean(field.name, *flag);
  } else {
    json.text(field.name, std::get<std::string_view>(field.value));
  }
}

}  // namespace

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
  common_.emplace_back(name, value);
}

void JsonLog::write(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
  std::string line;
  JsonWriter json(line);
  json.begin_object();
  json.text("time", vietnam_time_text(clock_.now()));
  json.text("level", level_name(level)).text("event", event);
  const std::lock_guard lock(mutex_);
  for (const auto& [name, value] : common_) json.integer(name, value);
  for (const LogField& field : fields) put(json, field);
  json.end_object();
  sink_(line);
}

}  // namespace lalanh::server
