#include "shared/merge/digest.h"

#include "shared/base/cbor.h"

namespace lalanh {
namespace {

/// Builds the CBOR that is hashed: ["kind", unit, channel, entity's dot or null, ...].
class Contribution {
 public:
  Contribution(Scope scope, const EntityState& state, const Lines& lines, Words& words,
               HashSum& sum)
      : scope_(scope), state_(state), lines_(lines), words_(words), sum_(sum) {}

  void entity() {
    if (state_.create.none()) return;
    cbor::Writer out = begin("entity", 3);
    out.text(words_.text(state_.type));
    dot(out, state_.parent);
    out.unsigned_integer(static_cast<std::uint64_t>(presence(state_, lines_)));
    end();
  }

  void write(const Write& w) {
    cbor::Writer out = begin("write", 4);
    out.unsigned_integer(static_cast<std::uint64_t>(w.cls));
    out.text(words_.text(w.name));
    dot(out, w.ref);
    lalanh::write(out, w.value);
    end();
  }

  void item(const AppendedItem& i) {
    cbor::Writer out = begin("item", 4);
    out.text(words_.text(i.name));
    dot(out, i.ref);
    out.unsigned_integer(i.index);
    lalanh::write(out, i.value);
    end();
  }

  void removal(const Removal& r) {
    cbor::Writer out = begin("removal", 1);
    dot(out, r.ref);
    end();
  }

 private:
  cbor::Writer begin(const char* kind, std::uint64_t items) {
    bytes_.clear();
    cbor::Writer out(bytes_);
    out.array(4 + items);
    out.text(kind);
    out.unsigned_integer(scope_.unit.value);
    out.unsigned_integer(static_cast<std::uint64_t>(scope_.channel));
    dot(out, state_.create);
    return out;
  }
  void end() { sum_.add(blake2b({bytes_})); }
  void dot(cbor::Writer& out, Ref ref) {
    if (ref.none()) {
      out.null();
    } else {
      lalanh::write(out, Dot{lines_.author(ref.stream()).writer, ref.counter()});
    }
  }

  Scope scope_;
  const EntityState& state_;
  const Lines& lines_;
  Words& words_;
  HashSum& sum_;
  Bytes bytes_;
};

}  // namespace

HashSum::HashSum(const Hash& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    limbs_[i / 8] |= std::uint64_t{bytes[i]} << (8U * (i % 8));
  }
}

void HashSum::add(const Hash& hash) {
  const HashSum other(hash);
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t with_carry = other.limbs_[i] + carry;
    const std::uint64_t overflow = with_carry < carry ? 1 : 0;
    limbs_[i] += with_carry;
    carry = overflow + (limbs_[i] < with_carry ? 1 : 0);
  }
}

void HashSum::subtract(const Hash& hash) {
  const HashSum other(hash);
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint64_t with_borrow = other.limbs_[i] + borrow;
    const std::uint64_t overflow = with_borrow < borrow ? 1 : 0;
    const std::uint64_t less = limbs_[i] < with_borrow ? 1 : 0;
    limbs_[i] -= with_borrow;
    borrow = overflow + less;
  }
}

Hash HashSum::bytes() const {
  Hash out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::uint8_t>(limbs_[i / 8] >> (8U * (i % 8)));
  }
  return out;
}

void add_to_digest(Scope scope, const EntityState& state, std::span<const AppendedItem> items,
                   const Lines& lines, Words& words, HashSum& sum) {
  Contribution contribution(scope, state, lines, words, sum);
  contribution.entity();
  for (const Write& w : state.writes) contribution.write(w);
  for (const AppendedItem& i : items) contribution.item(i);
  for (const Removal& r : state.removals) contribution.removal(r);
}

}  // namespace lalanh
