#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "shared/base/check.h"
#include "shared/base/error.h"

namespace lalanh {

/// A value or an Error. Expected failures travel in it; programming errors are CHECKs.
/// Reading the one that is not there is a CHECK.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : held_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return held_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & {
    LALANH_CHECK(ok());
    return *std::get_if<0>(&held_);
  }
  const T& value() const& {
    LALANH_CHECK(ok());
    return *std::get_if<0>(&held_);
  }
  T&& value() && {
    LALANH_CHECK(ok());
    return std::move(*std::get_if<0>(&held_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    LALANH_CHECK(!ok());
    return *std::get_if<1>(&held_);
  }

 private:
  std::variant<T, Error> held_;
};

/// Success without a value, or an Error.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const {
    LALANH_CHECK(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace lalanh

#define LL_CONCAT_(a, b) a##b
#define LL_CONCAT(a, b) LL_CONCAT_(a, b)

/// TRY(expr): returns the error of a Status or Result from this function, goes on otherwise.
#define TRY(expr)                                    \
  do {                                               \
    auto ll_status_ = (expr);                        \
    if (!ll_status_.ok()) return ll_status_.error(); \
  } while (false)

/// TRY_ASSIGN(auto x, expr): the value of a Result, or returns its error from this function.
#define TRY_ASSIGN(decl, expr)                                                               \
  auto LL_CONCAT(ll_result_, __LINE__) = (expr);                                             \
  if (!LL_CONCAT(ll_result_, __LINE__).ok()) return LL_CONCAT(ll_result_, __LINE__).error(); \
  decl = std::move(LL_CONCAT(ll_result_, __LINE__)).value()
