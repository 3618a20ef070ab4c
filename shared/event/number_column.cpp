#include "shared/event/number_column.h"

#include <algorithm>
#include <bit>

namespace lalanh::segment_parts {
namespace {

enum Mode : std::uint8_t { kVarints = 0, kRange = 1, kStepRange = 2, kRice = 3 };

constexpr unsigned kScaleMax = 18;
constexpr unsigned kUnaryMax = 32;  ///< ones before a difference is written raw
constexpr unsigned kRiceMax = 47;
constexpr std::uint64_t kSpanMax = (std::uint64_t{1} << 48U) - 1;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

std::size_t varint_bytes(std::uint64_t v) {
  return static_cast<std::size_t>((std::bit_width(v | 1U) + 6) / 7);
}

std::int64_t power_of_ten(unsigned scale) {
  std::int64_t out = 1;
  while (scale-- > 0) out *= 10;
  return out;
}

unsigned scale_of(const std::vector<std::int64_t>& values) {
  unsigned scale = 0;
  std::int64_t power = 1;
  const auto fits = [&](std::int64_t p) {
    return std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v % p == 0; });
  };
  const bool zeros = std::all_of(values.begin(), values.end(), [](auto v) { return v == 0; });
  while (!zeros && scale < kScaleMax && fits(power * 10)) {
    power *= 10;
    ++scale;
  }
  return scale;
}

/// Least and span of numbers, as distances that never overflow.
struct Range {
  std::int64_t least = 0;
  std::uint64_t span = 0;

  explicit Range(const std::vector<std::int64_t>& values) {
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    least = *low;
    span = static_cast<std::uint64_t>(*high) - static_cast<std::uint64_t>(*low);
  }
  std::uint64_t cost(std::size_t count, std::int64_t against) const {
    if (span > kSpanMax) return kNever;
    const std::uint64_t head =
        varint_bytes(zigzag(wrapping_difference(least, against))) + varint_bytes(span);
    return head * 8 + count * static_cast<std::uint64_t>(std::bit_width(span));
  }
};

struct Rice {
  unsigned k = 0;
  bool signs = false;
  std::uint64_t cost = kNever;

  explicit Rice(const std::vector<std::int64_t>& steps) {
    signs = std::any_of(steps.begin(), steps.end(), [](std::int64_t s) { return s < 0; });
    for (unsigned tried = 0; tried <= kRiceMax; ++tried) {
      std::uint64_t sum = 7;
      for (const std::int64_t step : steps) {
        const std::uint64_t quotient = coded(step) >> tried;
        sum += quotient < kUnaryMax ? quotient + 1 + tried : kUnaryMax + 64;
      }
      if (sum < cost) {
        cost = sum;
        k = tried;
      }
    }
  }
  std::uint64_t coded(std::int64_t step) const {
    return signs ? zigzag(step) : static_cast<std::uint64_t>(step);
  }
};

/// What varints cost once compressed: a step like the one before nearly nothing, but not less than
/// a range of steps that are all alike.
std::uint64_t varints_cost(const std::vector<std::int64_t>& steps) {
  std::uint64_t bits = 16;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const bool again = i > 0 && steps[i] == steps[i - 1];
    bits += again ? 0 : 8 * varint_bytes(zigzag(steps[i]));
  }
  return bits;
}

void put_range(const Range& range, std::int64_t against, const std::vector<std::int64_t>& values,
               Bytes& columns, BitWriter& bits) {
  put_signed(columns, wrapping_difference(range.least, against));
  put_varint(columns, range.span);
  for (const std::int64_t v : values) {
    put_below(bits, static_cast<std::uint64_t>(wrapping_difference(v, range.least)), range.span);
  }
}

void put_rice(const Rice& rice, const std::vector<std::int64_t>& steps, BitWriter& bits) {
  bits.put(rice.k, 6);
  bits.put(rice.signs ? 1 : 0, 1);
  for (const std::int64_t step : steps) {
    const std::uint64_t v = rice.coded(step);
    const std::uint64_t quotient = v >> rice.k;
    if (quotient < kUnaryMax) {
      bits.put((std::uint64_t{1} << quotient) - 1, static_cast<unsigned>(quotient) + 1);
      bits.put(v & ((std::uint64_t{1} << rice.k) - 1), rice.k);
    } else {
      bits.put((std::uint64_t{1} << kUnaryMax) - 1, kUnaryMax);
      bits.put(v, 64);
    }
  }
}

std::uint64_t get_rice(BitReader& bits, unsigned k) {
  std::uint64_t quotient = 0;
  while (quotient < kUnaryMax && bits.get(1) == 1) ++quotient;
  if (quotient == kUnaryMax) return bits.get(64);
  return (quotient << k) | bits.get(k);
}

/// The numbers after the first, still scaled down.
bool read_after_first(unsigned mode, ByteReader& columns, BitReader& bits,
                      std::vector<std::int64_t>& out) {
  if (mode == kVarints) {
    if (out.size() - 1 > columns.left()) return false;
    for (std::size_t i = 1; i < out.size(); ++i) {
      out[i] = wrapping_sum(out[i - 1], columns.signed_varint());
    }
    return columns.ok();
  }
  if (mode == kRice) {
    const auto k = static_cast<unsigned>(bits.get(6));
    const bool signs = bits.get(1) != 0;
    if (k > kRiceMax || out.size() - 1 > bits.left()) return false;
    for (std::size_t i = 1; i < out.size(); ++i) {
      const std::uint64_t v = get_rice(bits, k);
      out[i] = wrapping_sum(out[i - 1], signs ? unzigzag(v) : static_cast<std::int64_t>(v));
    }
    return bits.ok();
  }
  const bool steps = mode == kStepRange;
  const std::int64_t least = wrapping_sum(columns.signed_varint(), steps ? 0 : out[0]);
  const std::uint64_t span = columns.varint(kSpanMax);
  if (!columns.ok()) return false;
  for (std::size_t i = 1; i < out.size(); ++i) {
    const std::int64_t v = wrapping_sum(least, static_cast<std::int64_t>(get_below(bits, span)));
    out[i] = steps ? wrapping_sum(out[i - 1], v) : v;
  }
  return bits.ok();
}

}  // namespace

void BitWriter::put(std::uint64_t value, unsigned bits) {
  while (bits > 0) {
    if (used_ == 8) {
      bytes_.push_back(0);
      used_ = 0;
    }
    const unsigned taken = (std::min)(8 - used_, bits);
    const auto part = static_cast<unsigned>(value & ((1U << taken) - 1));
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | (part << used_));
    used_ += taken;
    value >>= taken;
    bits -= taken;
  }
}

std::uint64_t BitReader::get(unsigned bits) {
  if (bits > left()) {
    ok_ = false;
    at_ = in_.size() * 8;
    return 0;
  }
  std::uint64_t out = 0;
  for (unsigned done = 0; done < bits;) {
    const unsigned used = at_ % 8;
    const unsigned taken = (std::min)(8 - used, bits - done);
    const std::uint64_t part = (in_[at_ / 8] >> used) & ((1U << taken) - 1);
    out |= part << done;
    done += taken;
    at_ += taken;
  }
  return out;
}

bool BitReader::at_end() const {
  return left() < 8 && (left() == 0 || (in_.back() >> (8 - left())) == 0);
}

void put_below(BitWriter& bits, std::uint64_t x, std::uint64_t span) {
  const auto width = static_cast<unsigned>(std::bit_width(span + 1) - 1);
  const std::uint64_t shorter = (std::uint64_t{2} << width) - (span + 1);
  if (x < shorter) {
    bits.put(x, width);
  } else {
    bits.put((x + shorter) >> 1U, width);
    bits.put((x + shorter) & 1U, 1);
  }
}

std::uint64_t get_below(BitReader& bits, std::uint64_t span) {
  const auto width = static_cast<unsigned>(std::bit_width(span + 1) - 1);
  const std::uint64_t shorter = (std::uint64_t{2} << width) - (span + 1);
  const std::uint64_t x = bits.get(width);
  if (x < shorter) return x;
  return (x << 1U | bits.get(1)) - shorter;
}

void put_numbers(const std::vector<std::int64_t>& values, Bytes& columns, BitWriter& bits) {
  if (values.empty()) return;
  const unsigned scale = scale_of(values);
  const std::int64_t power = power_of_ten(scale);
  std::vector<std::int64_t> rest;
  std::vector<std::int64_t> steps;
  const std::int64_t first = values[0] / power;
  for (std::size_t i = 1; i < values.size(); ++i) {
    rest.push_back(values[i] / power);
    steps.push_back(wrapping_difference(rest.back(), i == 1 ? first : rest[i - 2]));
  }
  const auto head = [&](Mode mode) {
    columns.push_back(static_cast<std::uint8_t>(mode * 32U + scale));
    put_signed(columns, first);
  };
  if (rest.empty()) return head(kVarints);
  const Range range(rest);
  const Range step_range(steps);
  const Rice rice(steps);
  const std::uint64_t costs[4] = {varints_cost(steps), range.cost(rest.size(), first),
                                  step_range.cost(steps.size(), 0), rice.cost};
  const auto mode = static_cast<Mode>(std::min_element(costs, costs + 4) - costs);
  head(mode);
  if (mode == kVarints) {
    for (const std::int64_t step : steps) put_signed(columns, step);
  } else if (mode == kRange) {
    put_range(range, first, rest, columns, bits);
  } else if (mode == kStepRange) {
    put_range(step_range, 0, steps, columns, bits);
  } else {
    put_rice(rice, steps, bits);
  }
}

bool read_numbers(ByteReader& columns, BitReader& bits, std::size_t count,
                  std::vector<std::int64_t>& out) {
  out.clear();
  if (count == 0) return true;
  const std::uint8_t head = columns.byte();
  const unsigned scale = head % 32U;
  if (!columns.ok() || scale > kScaleMax || head / 32U > kRice) return false;
  out.resize(count);
  out[0] = columns.signed_varint();
  if (count > 1 && !read_after_first(head / 32U, columns, bits, out)) return false;
  if (!columns.ok() || !bits.ok()) return false;
  if (scale == 0) return true;
  const std::int64_t power = power_of_ten(scale);
  const std::int64_t max = INT64_MAX / power;
  for (std::int64_t& v : out) {
    if (v > max || v < -max) return false;
    v *= power;
  }
  return true;
}

}  // namespace lalanh::segment_parts
