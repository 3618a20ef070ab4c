#include "tools/dictionary/samples.h"

#include <algorithm>
#include <set>

#include "tools/dictionary/world.h"

namespace lalanh::dictionary {
namespace {

using Use = std::function<void(const SegmentHeader&, std::span<const Event>, const StreamNames&)>;

constexpr std::int64_t kStart = 1'735'700'000'000;
constexpr std::int64_t kEveningMs = 86'400'000;

/// One scope: its households, then evenings of corrections in batches of every size.
class Sampler {
 public:
  Sampler(const Form& form, std::uint64_t number, std::span<const Household> rows, const Use& use)
      : rng_(number, "dictionary samples", {}),
        world_(number, UnitNo(3'700'000 + static_cast<std::uint32_t>(number))),
        rows_(rows),
        use_(use) {
    std::set<std::string> ids;
    for (const Household& row : rows) ids.insert(row.id);
    for (const Update& update : form.updates) {
      if (ids.contains(update.id)) updates_.push_back(update);
    }
  }

  void run() {
    begin();
    const std::size_t imported = rows_.size() * 9 / 10;
    const std::size_t step = rng_.chance(500) ? imported : 60;
    for (std::size_t at = 0; at < imported; at += step) {
      add(world_.create(rows_.subspan(at, (std::min)(step, imported - at)), "import", time_, 0));
    }
    for (std::size_t at = imported; at < rows_.size(); ++at) {
      begin();
      add(world_.create(rows_.subspan(at, 1), "record", time_, 0));
    }
    for (const std::size_t size : {1, 2, 3, 5, 8, 10, 10, 10, 20, 50, 100, 300, 1'000}) batch(size);
  }

 private:
  void begin() {
    time_ += kEveningMs + rng_.between(0, 7'200'000);
    world_.begin_stream(actors()[rng_.below(static_cast<std::uint32_t>(actors().size()))]);
  }

  void batch(std::size_t size) {
    if (at_ + size > updates_.size()) return;
    begin();
    std::vector<Update> rows(updates_.begin() + static_cast<std::ptrdiff_t>(at_),
                             updates_.begin() + static_cast<std::ptrdiff_t>(at_ + size));
    at_ += size;
    const std::int64_t shift = time_ - rows[0].time_ms;
    for (Update& row : rows) row.time_ms = row.time_ms + shift;
    add(world_.correct(rows));
    begin();
    add(world_.correct_others((std::min)(size, std::size_t{30}), time_));
    if (size < 10) {
      begin();
      add(world_.remove(size, time_));
    }
  }

  void add(const std::vector<Event>& events) {
    if (!events.empty()) use_(world_.header(events), events, world_);
  }

  gen::Rng rng_;
  World world_;
  std::span<const Household> rows_;
  const Use& use_;
  std::vector<Update> updates_;
  std::size_t at_ = 0;
  std::int64_t time_ = kStart;
};

}  // namespace

const std::vector<std::string>& actors() {
  static const std::vector<std::string> list = {
      "Nguyễn Văn An, Trưởng thôn",
      "Trần Thị Bình, Trưởng thôn",
      "Lê Văn Cường, Cán bộ văn hoá xã",
      "Phạm Thị Dung, Công chức Lao động - Thương binh và Xã hội",
      "Hoàng Văn Đức, Trưởng xóm",
      "Vũ Thị Hà, Phó Chủ tịch Uỷ ban nhân dân xã",
      "Bùi Văn Hùng, Trưởng bản",
      "Đinh Thị Lan, Cán bộ giảm nghèo",
      "Đỗ Văn Minh, Chủ tịch Uỷ ban nhân dân xã",
      "Ngô Thị Nga, Tổ trưởng tổ dân phố"};
  return list;
}

void make_samples(const Form& form, const Use& use) {
  std::size_t at = 0;
  for (std::uint64_t number = 1; at < form.households.size(); ++number) {
    const std::size_t size = number % 8 == 0 ? 1'000 : 120;
    const std::size_t end = (std::min)(at + size, form.households.size());
    Sampler(form, number, std::span(form.households).subspan(at, end - at), use).run();
    at = end;
  }
}

}  // namespace lalanh::dictionary
