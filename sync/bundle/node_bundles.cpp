#include "sync/bundle/node_bundles.h"

#include <algorithm>
#include <charconv>

#include "shared/api/enrol.h"
#include "shared/base/calendar.h"
#include "shared/base/limits.h"
#include "shared/catalogue/json_writer.h"
#include "shared/store/store.h"
#include "shared/units/unit_tree.h"

namespace lalanh::sync {
namespace {

void number(JsonWriter& out, const char* key, std::uint64_t value) {
  out.integer(key, static_cast<std::int64_t>(value));
}

void write_error(JsonWriter& out, const std::optional<Error>& error) {
  if (!error) {
    out.key("error").null();
    return;
  }
  out.key("error").begin_object().text("name", error->name());
  out.key("message").begin_object().text("vi", error->message(Language::kVietnamese));
  out.text("en", error->message(Language::kEnglish)).end_object().end_object();
}

void write_taken(JsonWriter& out, const BundleTaken& taken) {
  out.boolean("own", taken.own).boolean("late", taken.late);
  number(out, "events_received", taken.summary.events_received);
  number(out, "known", taken.segments_known);
  number(out, "aside", taken.segments_aside);
  number(out, "refused", taken.summary.refused);
  out.key("refusals").begin_array();
  for (const SyncRefusal& refusal : taken.summary.refusals) {
    out.begin_object().text("scope", to_text(refusal.scope));
    out.text("stream", to_text(Dot{refusal.writer, refusal.first}));
    out.text("error", refusal.error).end_object();
  }
  out.end_array();
}

const char* to_text(Direction direction) { return direction == Direction::kUp ? "up" : "down"; }

}  // namespace

NodeBundles::NodeBundles(Node& node, std::string program, std::function<bool()> stopped)
    : node_(node), program_(std::move(program)), stopped_(std::move(stopped)) {}

Result<std::string> NodeBundles::run(const BundleCall& call) {
  BundleLedger ledger(node_.store().core());
  Hash parent{};
  {
    const auto lock = node_.lock();
    parent = node_.settings().parent_key;
  }
  const NodeOptions& options = node_.options();
  BundleSide side{node_.store(), ledger,   node_.key(), *options.clock, *options.random,
                  parent,        program_, {},          stopped_};
  side.locked = [this](const std::function<void()>& work) {
    const auto lock = node_.lock();
    work();
  };
  Result<std::string> out =
      call.kind == BundleCall::Kind::kExport ? write(side, call) : read(side, call);
  if (!out.ok()) return named(out.error());
  return out;
}

Result<std::string> NodeBundles::write(const BundleSide& side, const BundleCall& call) {
  BundleRequest request;
  request.direction = call.down ? Direction::kDown : Direction::kUp;
  request.unit = call.unit;
  if (call.part_bytes > 0) request.part_bytes = call.part_bytes;
  const std::string& path = call.paths.front();
  TRY_ASSIGN(const BundlesWritten written,
             export_bundles(side, *node_.options().files, path, request));
  const UnitNo unit = call.down ? call.unit : written.front.writer;
  std::string text;
  JsonWriter out(text);
  out.begin_object().text("direction", to_text(request.direction));
  out.integer("unit", unit.value).text("unit_name", name_of(unit)).text("path", path);
  out.key("files").begin_array();
  for (const std::string& file : written.files) out.text(file);
  out.end_array();
  number(out, "bytes", written.bytes);
  number(out, "segments", written.segments);
  number(out, "events", written.events);
  number(out, "on_stick", written.on_stick);
  out.end_object();
  return text;
}

Result<std::string> NodeBundles::read(const BundleSide& side, const BundleCall& call) {
  Files& files = *node_.options().files;
  if (call.kind != BundleCall::Kind::kImport) {
    TRY_ASSIGN(const std::vector<BundleFile> found, inspect_bundles(side, files, call.paths));
    return file_text(found, {}, false);
  }
  Result<std::vector<BundleFile>> found = import_bundles(side, files, call.paths);
  const bool none = !found.ok() && found.error().code == ErrorCode::bundle_none;
  if (!found.ok() && !none) return found.error();
  // Bundles first: after them heads are compared, so that requests may be answered.
  const std::vector<Answered> answered = answer_requests(call.paths);
  if (none && answered.empty()) return found.error();
  return file_text(none ? std::vector<BundleFile>() : *found, answered, true);
}

/// A stick carries the requests of new machines as well: they are answered beside them.
std::vector<NodeBundles::Answered> NodeBundles::answer_requests(
    const std::vector<std::string>& paths) {
  std::vector<Answered> out;
  Files& files = *node_.options().files;
  for (const std::string& folder : paths) {
    if (!files.is_folder(folder)) continue;
    const Result<std::vector<std::string>> names = files.list(folder, limits::kFolderNamesMax);
    if (!names.ok()) continue;
    for (const std::string& name : *names) {
      if (!name.ends_with(kRequestEnding)) continue;
      const std::string stem = folder + "/" + name.substr(0, name.size() - kRequestEnding.size());
      Answered one{folder + "/" + name, {}};
      const Status answered = answer_request(one.path, stem + std::string(kAnswerEnding));
      if (!answered.ok()) one.error = answered.error();
      // One for another server is none of our business.
      if (one.error && one.error->code == ErrorCode::trust_other_parent) continue;
      out.push_back(std::move(one));
    }
  }
  return out;
}

Status NodeBundles::answer_request(const std::string& path, const std::string& to) {
  Files& files = *node_.options().files;
  TRY_ASSIGN(const Bytes request, files.read(path, limits::kEnrolmentBytesMax));
  Result<Bytes> answer = Error(ErrorCode::system_internal);
  {
    const auto lock = node_.lock();
    answer = answer_enrolment(node_, request, path);
  }
  if (!answer.ok()) return answer.error();
  TRY_ASSIGN(const std::unique_ptr<ByteSink> sink, files.create(to));
  TRY(sink->write(*answer));
  return sink->finish();
}

std::string NodeBundles::file_text(const std::vector<BundleFile>& files,
                                   const std::vector<Answered>& answered, bool imported) {
  const auto good = [](const BundleFile& file) {
    return !file.error && (!file.taken || file.taken->summary.refused == 0);
  };
  std::string text;
  JsonWriter out(text);
  out.begin_object().boolean("ok", std::all_of(files.begin(), files.end(), good));
  if (imported) {
    std::uint64_t received = 0;
    std::uint64_t waiting = 0;
    for (const BundleFile& file : files) {
      if (!file.taken || file.taken->own) continue;
      received += file.taken->summary.events_received;
      waiting = file.taken->summary.waiting;
    }
    number(out, "events_received", received);
    number(out, "waiting", waiting);
  }
  out.key("files").begin_array();
  for (const BundleFile& file : files) {
    out.begin_object().text("path", file.path);
    write_error(out, file.error ? std::optional<Error>(named(*file.error)) : std::nullopt);
    if (file.front) {
      const BundleFront& front = *file.front;
      out.text("direction", to_text(front.direction));
      out.integer("from", front.writer.value).text("from_name", name_of(front.writer));
      out.integer("to", front.addressed.value);
      out.text("to_name", front.addressed == UnitNo() ? "" : name_of(front.addressed));
      out.text("time", vietnam_time_text(front.time));
      out.integer("part", front.part).integer("parts", front.parts);
    }
    if (file.info) {
      out.integer("device", file.info->writer.device.value);
      number(out, "segments", file.info->segments);
      number(out, "events", file.info->events);
      number(out, "bytes", file.info->segment_bytes);
    }
    if (file.taken) write_taken(out, *file.taken);
    out.end_object();
  }
  out.end_array();
  if (imported) {
    out.key("requests").begin_array();
    for (const Answered& each : answered) {
      out.begin_object().text("path", each.path);
      write_error(out, each.error);
      out.end_object();
    }
    out.end_array();
  }
  out.end_object();
  return text;
}

std::string NodeBundles::name_of(UnitNo unit) {
  const auto lock = node_.lock();
  const UnitFact* fact = node_.tree().nearest(unit, node_.today());
  if (fact != nullptr) return fact->name;
  return unit == node_.settings().unit ? node_.settings().unit_name : std::to_string(unit.value);
}

/// Units by their names: the parts below know numbers alone.
Error NodeBundles::named(Error error) {
  for (auto& [key, value] : error.context) {
    if (key != "unit" && key != "from") continue;
    std::uint32_t unit = 0;
    const auto end = value.data() + value.size();
    if (std::from_chars(value.data(), end, unit).ptr == end) value = name_of(UnitNo(unit));
  }
  return error;
}

}  // namespace lalanh::sync
