#pragma once

#include <algorithm>

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "sync/session/messages.h"

/// What several messages, and the head of a bundle, have in common; used by their codecs alone.
namespace lalanh::sync::parts {

using cbor::Fields;

void write_scope(cbor::Writer& writer, Scope scope);
Scope read_scope(cbor::Reader& reader);
void write_points(cbor::Writer& writer, const std::vector<Point>& points);
/// None of them twice.
std::vector<Point> read_points(cbor::Reader& reader);
void write_entries(cbor::Writer& writer, const std::vector<Entry>& entries);
std::vector<Entry> read_entries(cbor::Reader& reader);
void write_halves(cbor::Writer& writer, const std::vector<Half>& halves);
std::vector<Half> read_halves(cbor::Reader& reader);
/// Each with a member `scope`: one named twice would be worked for twice, and is a fault.
template <class Items>
void expect_each_scope_once(cbor::Reader& reader, const Items& items) {
  std::vector<Scope> scopes;
  scopes.reserve(items.size());
  for (const auto& item : items) scopes.push_back(item.scope);
  std::sort(scopes.begin(), scopes.end());
  const bool twice = std::adjacent_find(scopes.begin(), scopes.end()) != scopes.end();
  if (twice) reader.fail("a scope twice");
}
/// What stands before the signature of `key` at the end. format.truncated, format.bad_signature.
Result<ByteView> signed_part(ByteView bytes, const Hash& key, const char* where);
/// The reader's error, or format.malformed for bytes after the end; success otherwise.
Status finish(cbor::Reader& reader, const char* where);

}  // namespace lalanh::sync::parts
