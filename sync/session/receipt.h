#pragma once

#include <span>
#include <vector>

#include "shared/store/sync_store.h"

/// A parent's word that points are durable there (`docs/FORMATS.md`, Receipt).
namespace lalanh::sync {

struct Receipt {
  CertificateId parent{};
  TimeMs time;
  std::vector<ReceiptPoint> points;
};

/// The signed bytes; `key` is the secret half of the parent's certificate.
Bytes make_receipt(const Receipt& receipt, const KeyPair& key);
/// Foreign bytes. format.*; format.bad_signature where `parent_key` did not sign them.
Result<Receipt> read_receipt(ByteView bytes, const Hash& parent_key);
/// The length of a receipt with so many points, at most.
std::size_t receipt_bytes(std::size_t points);

}  // namespace lalanh::sync
