#pragma once

#include <string>
#include <vector>

#include "sync/bundle/bundle_export.h"
#include "sync/bundle/bundle_import.h"

/// Bundles as files: on a stick, in a folder, by name.
namespace lalanh::sync {

/// What the name of a bundle ends with.
inline constexpr std::string_view kBundleEnding = ".llb";

struct BundlesWritten {
  BundleFront front;
  std::vector<std::string> files;  ///< names in the folder, or the one file
  std::uint64_t bytes = 0;
  std::uint64_t segments = 0;
  std::uint64_t events = 0;
  std::uint64_t on_stick = 0;  ///< segments that were there already
};

/// Exports to an existing folder, in parts, or to one file whose name ends with kBundleEnding. In a
/// folder, what a broken export has left is removed, and whole bundles of ours are not written
/// again. Errors: those of BundleExport; bundle.no_space, before anything is written;
/// bundle.too_large; bundle.stick where a part could not be written: those before it are whole.
Result<BundlesWritten> export_bundles(const BundleSide& side, Files& files, const std::string& path,
                                      const BundleRequest& request);

/// One file of those that were named.
struct BundleFile {
  std::string path;
  std::optional<Error> error;  ///< why it was refused: nothing of it was taken then
  std::optional<BundleFront> front;
  std::optional<BundleInfo> info;
  std::optional<BundleTaken> taken;
};

/// Takes in the bundles of files and folders, oldest first, whatever order they were named in; a
/// bad one is passed over. Errors: bundle.none where there are none; store.*, system.cancelled.
Result<std::vector<BundleFile>> import_bundles(const BundleSide& side, Files& files,
                                               const std::vector<std::string>& paths);
/// What they are; changes nothing.
Result<std::vector<BundleFile>> inspect_bundles(const BundleSide& side, Files& files,
                                                const std::vector<std::string>& paths);

}  // namespace lalanh::sync
