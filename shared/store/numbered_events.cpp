#include "shared/store/numbered_events.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace lalanh {
namespace {

bool all_own(const WriterId& writer, const std::vector<Event>& events) {
  const auto own = [&](const Dot& dot) { return dot.writer == writer; };
  return std::all_of(events.begin(), events.end(), [&](const Event& event) {
    if (!event.entity.none() && !own(event.entity)) return false;
    return std::all_of(event.ops.begin(), event.ops.end(), [&](const Op& op) {
      return std::all_of(op.base.begin(), op.base.end(), own) &&
             std::all_of(op.tips.begin(), op.tips.end(), own) &&
             (op.value.kind() != Value::Kind::kDot || own(op.value.as_dot()));
    });
  });
}

/// Names by number, in order of first use.
class Names {
 public:
  explicit Names(std::vector<std::string>& names) : names_(names) {}
  Word number(const std::string& name) {
    // The fields of a form come one after the other, form after form.
    const std::size_t next = last_ + 1;
    if (next < names_.size() && names_[next] == name) {
      last_ = next;
      return static_cast<Word>(next);
    }
    const auto [at, added] = numbers_.try_emplace(name, static_cast<Word>(names_.size()));
    if (added) names_.push_back(name);
    last_ = at->second;
    return at->second;
  }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, Word> numbers_;
  std::size_t last_ = 0;
};

MergeOp number_op(Op& op, Names& names) {
  const auto local = [](const Dot& dot) { return Ref(0, dot.counter); };
  MergeOp out;
  out.kind = op.kind;
  out.name = names.number(op.name);
  for (const Dot& dot : op.base) out.base.push_back(local(dot));
  for (const Dot& dot : op.tips) out.tips.push_back(local(dot));
  if (op.value.kind() == Value::Kind::kDot) value_causes(out).push_back(local(op.value.as_dot()));
  out.value = std::move(op.value);
  return out;
}

}  // namespace

std::optional<NumberedEvents> number_events(const WriterId& writer, std::uint32_t first,
                                            std::vector<Event>& events) {
  if (!all_own(writer, events)) return std::nullopt;
  std::optional<NumberedEvents> out(std::in_place);
  Names names(out->names);
  out->events.reserve(events.size());
  for (Event& event : events) {
    MergeEvent& to = out->events.emplace_back();
    to.ref = Ref(0, first++);
    to.order = event.order;
    if (event.creates()) {
      to.entity = to.ref;
    } else if (!event.entity.none()) {
      to.entity = Ref(0, event.entity.counter);
    }
    to.ops.reserve(event.ops.size());
    for (Op& op : event.ops) to.ops.push_back(number_op(op, names));
  }
  return out;
}

void give_local_names(NumberedEvents& numbered, std::uint32_t stream, Words& words) {
  std::vector<Word> local;
  local.reserve(numbered.names.size());
  for (const std::string& name : numbered.names) local.push_back(words.word(name));
  const auto give = [stream](Ref& ref) {
    if (!ref.none()) ref = Ref(stream, ref.counter());
  };
  for (MergeEvent& event : numbered.events) {
    give(event.ref);
    give(event.entity);
    for (MergeOp& op : event.ops) {
      op.name = local[op.name];
      for (Ref& ref : op.base) give(ref);
      for (Ref& ref : op.tips) give(ref);
    }
  }
}

}  // namespace lalanh
