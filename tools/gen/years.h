#pragma once

#include <array>
#include <cstddef>

namespace lalanh::gen {

/// The years of which counts were published under the standard of 2022-2025. Each ends with a
/// review; a household belongs to a year from the one in which it arrived.
inline constexpr int kFirstYear = 2021;
inline constexpr int kLastYear = 2024;
inline constexpr std::size_t kYears = kLastYear - kFirstYear + 1;

/// The year in which numbers of persons are fixed (the only one with published persons).
inline constexpr int kPersonsYear = 2022;

/// One value a year, first year first.
template <class T>
using PerYear = std::array<T, kYears>;

/// The place of a year in a PerYear.
constexpr std::size_t year_index(int year) { return static_cast<std::size_t>(year - kFirstYear); }

}  // namespace lalanh::gen
