#pragma once

#include "shared/base/cbor.h"
#include "shared/base/limits.h"
#include "sync/session/messages.h"

/// What several messages, and the head of a bundle, have in common; used by their codecs alone.
namespace lalanh::sync::parts {

using cbor::Fields;

void write_scope(cbor::Writer& writer, Scope scope);
Scope read_scope(cbor::Reader& reader);
void write_points(cbor::Writer& writer, const std::vector<Point>& points);
std::vector<Point> read_points(cbor::Reader& reader);
void write_entries(cbor::Writer& writer, const std::vector<Entry>& entries);
std::vector<Entry> read_entries(cbor::Reader& reader);
void write_halves(cbor::Writer& writer, const std::vector<Half>& halves);
std::vector<Half> read_halves(cbor::Reader& reader);
/// What stands before the signature of `key` at the end. format.truncated, format.bad_signature.
Result<ByteView> signed_part(ByteView bytes, const Hash& key, const char* where);
/// The reader's error, or format.malformed for bytes after the end; success otherwise.
Status finish(cbor::Reader& reader, const char* where);

}  // namespace lalanh::sync::parts
