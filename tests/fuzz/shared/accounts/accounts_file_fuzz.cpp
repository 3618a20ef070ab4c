#include "shared/accounts/accounts_file.h"
#include "tests/fuzz/main/words.h"

/// Without the digest, which the target appends.
void lalanh::fuzz::make_corpus(Corpus& corpus) {
  LALANH_CHECK(start_crypto().ok());
  AccountsFile file;
  file.cipher = Cipher::kAegis;
  file.id = {1, 2, 3};
  for (const char* login : {"", "na", "trưởng-thôn"}) {
    Envelope envelope;
    envelope.login = login;
    if (!envelope.login.empty()) file.envelopes.push_back(envelope);
    file.body = Bytes(20 * file.envelopes.size() + 40, 7);
    file.front = front_of(file);
    const Bytes bytes = bytes_of(file);
    const std::string name = "envelopes-" + std::to_string(file.envelopes.size());
    corpus.file(name, ByteView(bytes).first(bytes.size() - sizeof(Hash)));
    file.recovery = RecoveryBox{Hash{5}, {}};
  }
  cbor_words(corpus);
}

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
