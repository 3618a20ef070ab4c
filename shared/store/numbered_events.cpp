#include "shared/store/numbered_events.h"

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "shared/event/revocation.h"
#include "shared/store/state_codec.h"

namespace lalanh {
namespace {

bool all_own(const WriterId& writer, const std::vector<Event>& events) {
  const auto own = [&](const std::vector<Dot>& dots) {
    for (const Dot& dot : dots) {
      if (!(dot.writer == writer)) return false;
    }
    return true;
  };
  for (const Event& event : events) {
    if (!event.entity.none() && !(event.entity.writer == writer)) return false;
    for (const Op& op : event.ops) {
      if (!own(op.base) || !own(op.tips)) return false;
      if (op.value.kind() == Value::Kind::kDot && !(op.value.as_dot().writer == writer)) {
        return false;
      }
    }
  }
  return true;
}

/// Words of names, each looked up once.
class Names {
 public:
  Names(const StoredWords& words, std::vector<std::pair<std::string, Word>>& used)
      : words_(words), used_(used) {}
  /// Nothing where a name has no word.
  std::optional<Word> word(const std::string& name) {
    if (name.empty()) return Word{0};
    // The fields of a form come one after the other, form after form.
    const std::size_t next = last_ + 1;
    if (next < used_.size() && used_[next].first == name) {
      last_ = next;
      return used_[next].second;
    }
    const auto [at, added] = places_.try_emplace(name, used_.size());
    if (added) used_.emplace_back(name, words_.hint(name));
    last_ = at->second;
    if (used_[last_].second == 0) return std::nullopt;
    return used_[last_].second;
  }

 private:
  const StoredWords& words_;
  std::vector<std::pair<std::string, Word>>& used_;
  std::unordered_map<std::string, std::size_t> places_;
  std::size_t last_ = 0;
};

/// The word of each op, one event after the other.
std::optional<std::vector<Word>> words_of(const std::vector<Event>& events, Names names) {
  std::vector<Word> out;
  for (const Event& event : events) {
    for (const Op& op : event.ops) {
      const std::optional<Word> word = names.word(op.name);
      if (!word) return std::nullopt;
      out.push_back(*word);
    }
  }
  return out;
}

void number_op(Op& op, Word word, MergeOp& out) {
  const auto local = [](const Dot& dot) { return Ref(0, dot.counter); };
  out.kind = op.kind;
  out.name = word;
  for (const Dot& dot : op.base) out.base.push_back(local(dot));
  for (const Dot& dot : op.tips) out.tips.push_back(local(dot));
  if (op.value.kind() == Value::Kind::kDot) value_causes(out).push_back(local(op.value.as_dot()));
  out.value = std::move(op.value);
}

}  // namespace

std::optional<NumberedEvents> number_events(const WriterId& writer, std::uint32_t first,
                                            std::vector<Event>& events, const StoredWords& words) {
  if (!all_own(writer, events)) return std::nullopt;
  // What a revoke says is in the event alone.
  if (std::any_of(events.begin(), events.end(), revokes)) return std::nullopt;
  std::optional<NumberedEvents> out(std::in_place);
  const std::optional<std::vector<Word>> used = words_of(events, Names(words, out->words));
  if (!used) return std::nullopt;
  auto word = used->begin();
  std::vector<MergeOp> made;
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
    if (!event.creates()) {
      to.ops.reserve(event.ops.size());
      for (Op& op : event.ops) number_op(op, *word++, to.ops.emplace_back());
      continue;
    }
    // Few of a create's ops are left behind it, so all are made in one place again and again.
    to.ops.swap(made);
    for (Op& op : event.ops) number_op(op, *word++, to.ops.emplace_back());
    if (create_ahead(to)) write_created(to.created->state, to.created->row);
    to.ops.swap(made);
    to.ops.reserve(made.size());
    std::move(made.begin(), made.end(), std::back_inserter(to.ops));
    made.clear();
  }
  return out;
}

bool same_words(const NumberedEvents& numbered, const StoredWords& words) {
  return std::all_of(numbered.words.begin(), numbered.words.end(),
                     [&](const auto& one) { return words.find(one.first) == one.second; });
}

void give_stream(NumberedEvents& numbered, std::uint32_t stream) {
  const auto give = [stream](Ref& ref) {
    if (!ref.none()) ref = Ref(stream, ref.counter());
  };
  for (MergeEvent& event : numbered.events) {
    give(event.ref);
    give(event.entity);
    for (MergeOp& op : event.ops) {
      for (Ref& ref : op.base) give(ref);
      for (Ref& ref : op.tips) give(ref);
    }
  }
}

}  // namespace lalanh
