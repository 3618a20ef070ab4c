#include "tests/sim/disk/content.h"

#include <algorithm>
#include <cstring>

#include "shared/base/check.h"

namespace lalanh::sim {
namespace {

std::size_t pages_for(std::uint64_t size) {
  return static_cast<std::size_t>((size + Content::kPageBytes - 1) / Content::kPageBytes);
}

}  // namespace

std::size_t Content::read(std::uint64_t offset, std::span<std::uint8_t> out) const {
  if (offset >= size_) return 0;
  const auto got = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - offset));
  for (std::size_t done = 0; done < got;) {
    const std::uint64_t at = offset + done;
    const auto within = static_cast<std::size_t>(at % kPageBytes);
    const std::size_t n = std::min<std::size_t>(got - done, kPageBytes - within);
    const std::shared_ptr<Page>& page = pages_[static_cast<std::size_t>(at / kPageBytes)];
    if (page == nullptr) {
      std::memset(out.data() + done, 0, n);
    } else {
      std::memcpy(out.data() + done, page->data() + within, n);
    }
    done += n;
  }
  return got;
}

Content::Page& Content::own(std::size_t page) {
  std::shared_ptr<Page>& held = pages_[page];
  if (held == nullptr) {
    held = std::make_shared<Page>();
  } else if (held.use_count() != 1) {
    std::shared_ptr<Page> copy = std::make_shared_for_overwrite<Page>();
    *copy = *held;
    held = std::move(copy);
  }
  return *held;
}

void Content::write(std::uint64_t offset, ByteView bytes) {
  if (bytes.empty()) return;
  if (offset + bytes.size() > size_) resize(offset + bytes.size());
  for (std::size_t done = 0; done < bytes.size();) {
    const std::uint64_t at = offset + done;
    const auto page = static_cast<std::size_t>(at / kPageBytes);
    const auto within = static_cast<std::size_t>(at % kPageBytes);
    const std::size_t n = std::min<std::size_t>(bytes.size() - done, kPageBytes - within);
    if (n == kPageBytes && (pages_[page] == nullptr || pages_[page].use_count() != 1)) {
      pages_[page] = std::make_shared_for_overwrite<Page>();  // nothing of the old one stays
    }
    std::memcpy(own(page).data() + within, bytes.data() + done, n);
    done += n;
  }
}

void Content::resize(std::uint64_t size) {
  if (size < size_ && size % kPageBytes != 0) {
    const auto page = static_cast<std::size_t>(size / kPageBytes);
    if (pages_[page] != nullptr) {
      const auto within = static_cast<std::size_t>(size % kPageBytes);
      std::memset(own(page).data() + within, 0, kPageBytes - within);
    }
  }
  pages_.resize(pages_for(size));
  size_ = size;
}

void Content::share(const Content& other, std::uint64_t offset, std::uint64_t size) {
  if (size == 0) return;
  const auto last = static_cast<std::size_t>((offset + size - 1) / kPageBytes);
  for (auto page = static_cast<std::size_t>(offset / kPageBytes); page <= last; ++page) {
    pages_[page] = other.pages_[page];
  }
}

Bytes Content::all() const {
  Bytes out(static_cast<std::size_t>(size_));
  LALANH_CHECK(read(0, out) == out.size());
  return out;
}

}  // namespace lalanh::sim
