#include "sync/bundle/bundle_folder.h"

#include <algorithm>
#include <functional>

#include "shared/base/limits.h"
#include "shared/base/paths.h"

namespace lalanh::sync {
namespace {

/// What a file takes beyond its bytes: the rest of its last cluster, its name.
constexpr std::uint64_t kFileOverhead = 64 * 1'024;

bool ends_with(std::string_view text, std::string_view end) {
  if (text.size() < end.size()) return false;
  const std::string_view tail = text.substr(text.size() - end.size());
  // FAT without long names says .LLB.
  return std::equal(tail.begin(), tail.end(), end.begin(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

/// The error of a write to a stick, in words that fit one.
Error stick_error(const Error& found, const std::string& path, std::size_t done,
                  std::size_t parts) {
  std::string why(found.value("why"));
  if (found.code == ErrorCode::store_full) why = "the stick is full";
  if (found.code == ErrorCode::store_read_only) why = "it is read only";
  const bool ours = found.domain() == "store" || found.code == ErrorCode::system_file;
  if (!ours || why.empty()) return found;
  return {ErrorCode::bundle_stick,
          {{"path", path},
           {"why", why},
           {"done", std::to_string(done)},
           {"parts", std::to_string(parts)}}};
}

std::string mib(std::uint64_t bytes) {
  return std::to_string((bytes + (std::uint64_t{1} << 20U) - 1) >> 20U);
}

/// One export to one place.
class Stick {
 public:
  Stick(const BundleSide& side, Files& files, const std::string& path, BundleExport& bundle)
      : side_(side), files_(files), path_(path), bundle_(bundle) {}

  /// Tidies the folder and finds what is there.
  Status look();
  Status check_space(const std::string& folder) const;
  Status write(std::size_t part, const std::string& path);

 private:
  const BundleSide& side_;
  Files& files_;
  const std::string& path_;
  BundleExport& bundle_;
};

Status Stick::look() {
  TRY_ASSIGN(const std::vector<std::string> names, files_.list(path_, limits::kFolderNamesMax));
  for (const std::string& name : names) {
    TRY(side_.go_on());
    const std::string path = path_ + "/" + name;
    if (is_passing_name(name, Files::kUnfinished)) (void)files_.remove(path).ok();
    if (!ends_with(name, kBundleEnding)) continue;
    const Result<std::unique_ptr<ByteSource>> source = files_.open(path);
    // What cannot be read there is written again.
    if (source.ok()) (void)bundle_.note_on_stick(**source).ok();
  }
  return {};
}

Status Stick::check_space(const std::string& folder) const {
  const std::uint64_t needed = bundle_.total_bytes() + bundle_.parts() * kFileOverhead;
  TRY_ASSIGN(const std::uint64_t free, files_.free_bytes(folder));
  if (needed <= free) return {};
  return Error{ErrorCode::bundle_no_space,
               {{"path", folder}, {"needed", mib(needed)}, {"free", std::to_string(free >> 20U)}}};
}

Status Stick::write(std::size_t part, const std::string& path) {
  TRY_ASSIGN(const std::unique_ptr<ByteSink> sink, files_.create(path));
  TRY(bundle_.write(part, *sink));
  return sink->finish();
}

/// Faults that are not the file's: they end the work.
bool is_ours(const Error& error) {
  return error.domain() == "store" || error.code == ErrorCode::system_cancelled ||
         error.code == ErrorCode::system_internal;
}

/// By its name. A person may name the node's own, which is in use: see Files::open.
bool may_be_database(std::string_view path) {
  return ends_with(path, ".db") || ends_with(path, ".db-wal") || ends_with(path, ".db-shm");
}

BundleFile look_at(Files& files, const std::string& path, std::unique_ptr<ByteSource>& source) {
  BundleFile out;
  out.path = path;
  if (may_be_database(path)) {
    out.error = Error(ErrorCode::bundle_not_one);
    return out;
  }
  Result<std::unique_ptr<ByteSource>> opened = files.open(path);
  if (!opened.ok()) {
    out.error = opened.error();
    return out;
  }
  source = std::move(*opened);
  const Result<ReadFront> front = read_front(*source);
  if (front.ok()) {
    out.front = front->front;
  } else {
    out.error = front.error();
  }
  return out;
}

/// The files that the paths name, as they follow each other.
Result<std::vector<BundleFile>> find(Files& files, const std::vector<std::string>& paths) {
  std::vector<BundleFile> out;
  std::unique_ptr<ByteSource> source;
  for (const std::string& path : paths) {
    if (!files.is_folder(path)) {
      out.push_back(look_at(files, path, source));
      continue;
    }
    const std::size_t before = out.size();
    TRY_ASSIGN(const std::vector<std::string> names, files.list(path, limits::kFolderNamesMax));
    for (const std::string& name : names) {
      if (!ends_with(name, kBundleEnding)) continue;
      out.push_back(look_at(files, path + "/" + name, source));
      if (out.size() > limits::kBundleFilesMax) {
        return Error{ErrorCode::format_limit,
                     {{"limit", std::to_string(limits::kBundleFilesMax)}, {"where", path}}};
      }
    }
    if (out.size() == before) return Error{ErrorCode::bundle_none, {{"path", path}}};
  }
  std::stable_sort(out.begin(), out.end(), [](const BundleFile& a, const BundleFile& b) {
    if (!a.front || !b.front) return a.front.has_value() && !b.front;
    return a.front->sequence != b.front->sequence ? a.front->sequence < b.front->sequence
                                                  : a.front->part < b.front->part;
  });
  return out;
}

}  // namespace

Result<BundlesWritten> export_bundles(const BundleSide& side, Files& files, const std::string& path,
                                      const BundleRequest& request) {
  const bool one_file = !files.is_folder(path) && ends_with(path, kBundleEnding);
  BundleRequest asked = request;
  if (one_file) asked.part_bytes = limits::kBundlePartBytesMax;
  TRY_ASSIGN(BundleExport bundle, BundleExport::begin(side, asked));
  Stick stick(side, files, path, bundle);
  if (!one_file) TRY(stick.look());
  TRY(bundle.plan());
  if (one_file && bundle.parts() > 1) {
    return Error{ErrorCode::bundle_too_large, {{"max", mib(limits::kBundlePartBytesMax)}}};
  }
  TRY(stick.check_space(one_file ? folder_of(path) : path));
  BundlesWritten out;
  for (std::size_t i = 0; i < bundle.parts(); ++i) {
    const std::string name = bundle.name_of_part(i);
    const Status written = stick.write(i, one_file ? path : path + "/" + name);
    if (!written.ok()) return stick_error(written.error(), path, i, bundle.parts());
    out.files.push_back(one_file ? path : name);
  }
  out.front = bundle.front();
  out.bytes = bundle.total_bytes();
  out.segments = bundle.segments();
  out.events = bundle.events();
  out.on_stick = bundle.left_out();
  return out;
}

namespace {

/// Each bundle that is named, oldest first, opened; what `use` says is wrong with it is its error.
/// An error of this machine, or a stop, ends the work.
Result<std::vector<BundleFile>> for_each(
    const BundleSide& side, Files& files, const std::vector<std::string>& paths,
    const std::function<Status(ByteSource&, BundleFile&)>& use) {
  TRY_ASSIGN(std::vector<BundleFile> out, find(files, paths));
  for (BundleFile& file : out) {
    if (file.error) continue;
    TRY(side.go_on());
    const Result<std::unique_ptr<ByteSource>> source = files.open(file.path);
    if (!source.ok()) {
      file.error = source.error();
      continue;
    }
    TRY(use(**source, file));
  }
  return out;
}

}  // namespace

Result<std::vector<BundleFile>> import_bundles(const BundleSide& side, Files& files,
                                               const std::vector<std::string>& paths) {
  return for_each(side, files, paths, [&](ByteSource& source, BundleFile& file) -> Status {
    Result<BundleTaken> taken = import_bundle(side, source);
    if (taken.ok()) {
      file.info = taken->info;
      file.taken = std::move(*taken);
    } else if (is_ours(taken.error())) {
      return taken.error();
    } else {
      file.error = taken.error();
    }
    return {};
  });
}

Result<std::vector<BundleFile>> inspect_bundles(const BundleSide& side, Files& files,
                                                const std::vector<std::string>& paths) {
  return for_each(side, files, paths, [&](ByteSource& source, BundleFile& file) -> Status {
    Result<BundleInfo> info = check_bundle(source, side.key, side.store.root_key());
    if (info.ok()) {
      file.info = std::move(*info);
    } else {
      file.error = info.error();
    }
    return {};
  });
}

}  // namespace lalanh::sync
