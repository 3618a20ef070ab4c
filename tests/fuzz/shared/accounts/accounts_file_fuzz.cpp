#include "shared/accounts/accounts_file.h"

/// A damaged or foreign accounts file is refused; one that is read is written again byte for byte.
/// The digest is made to fit, or nothing behind it would ever be reached.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace lalanh;
  (void)read_accounts_file({data, size});
  Bytes bytes(data, data + size);
  append(bytes, blake2b({as_bytes("lalanh accounts 1"), ByteView(data, size)}));
  const Result<AccountsFile> file = read_accounts_file(bytes);
  if (!file.ok()) return 0;
  CHECK(front_of(*file) == file->front);
  CHECK(bytes_of(*file) == bytes);
  return 0;
}
