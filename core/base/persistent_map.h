#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace ekiden {

// An ordered map whose copy costs O(1) and shares structure: publishing a snapshot costs what
// changed since the last one. set and erase copy only the path to the key (and nothing where this
// handle is the only owner). A handle is not thread-safe; different handles that share structure
// may be read from different threads, and the last owner may die on any thread.
//
// An AVL tree with counted references. Keys and values stand in entries of their own, so that
// copying a path copies pointers, not strings.
template <class K, class V>
class PersistentMap {
 public:
  PersistentMap() = default;

  std::size_t size() const { return size_; }

  bool empty() const { return size_ == 0; }

  // Q is anything that compares with K by "<". The pointer lives until this handle changes.
  template <class Q>
  const V* find(const Q& key) const;

  template <class Q>
  bool contains(const Q& key) const {
    return find(key) != nullptr;
  }

  // Inserts, or replaces what was there.
  void set(K key, V value) {
    root_ = insert(std::move(root_), make_entry(std::move(key), std::move(value)));
  }

  // False when the key was not there.
  template <class Q>
  bool erase(const Q& key) {
    if (!contains(key)) {
      return false;
    }
    root_ = remove(std::move(root_), key);
    --size_;
    return true;
  }

  void clear() { *this = PersistentMap(); }

  // visit(key, value) in ascending key order.
  template <class Visit>
  void for_each(Visit visit) const {
    walk(root_.get(), visit);
  }

  // visit(key, value) -> bool, in ascending order from the first key that is not less than `from`,
  // until it returns false.
  template <class Q, class Visit>
  void for_each_from(const Q& from, Visit visit) const {
    walk_from(root_.get(), from, visit);
  }

 private:
  template <class T>
  class Ref;
  struct Entry;
  struct Node;

  static Ref<Entry> make_entry(K key, V value);
  static Ref<Node> own(Ref<Node> node);
  static Ref<Node> balance(Ref<Node> node);
  static Ref<Node> rotate_left(Ref<Node> node);
  static Ref<Node> rotate_right(Ref<Node> node);
  static std::pair<Ref<Node>, Ref<Entry>> take_first(Ref<Node> node);
  Ref<Node> insert(Ref<Node> node, Ref<Entry> entry);
  template <class Q>
  static Ref<Node> remove(Ref<Node> node, const Q& key);
  template <class Visit>
  static void walk(const Node* node, Visit& visit);
  template <class Q, class Visit>
  static bool walk_from(const Node* node, const Q& from, Visit& visit);

  static int height(const Ref<Node>& node) { return node ? node->height : 0; }

  Ref<Node> root_;
  std::size_t size_ = 0;
};

// A counted pointer that can tell whether it is the only one. shared_ptr::use_count() cannot: it
// reads without ordering, so the last other owner's reads might still be under way.
template <class K, class V>
template <class T>
class PersistentMap<K, V>::Ref {
 public:
  Ref() = default;

  explicit Ref(T* adopted) : object_(adopted) {}

  Ref(const Ref& other) : object_(other.object_) {
    if (object_ != nullptr) {
      object_->references.fetch_add(1, std::memory_order_relaxed);
    }
  }

  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}

  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  ~Ref() {
    if (object_ != nullptr && object_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      std::unique_ptr<T> last(object_);
    }
  }

  bool only_owner() const { return object_->references.load(std::memory_order_acquire) == 1; }

  explicit operator bool() const { return object_ != nullptr; }

  T* operator->() const { return object_; }

  T* get() const { return object_; }

 private:
  T* object_ = nullptr;
};

template <class K, class V>
struct PersistentMap<K, V>::Entry {
  Entry(K k, V v) : key(std::move(k)), value(std::move(v)) {}

  std::atomic<std::uint32_t> references{1};
  K key;
  V value;
};

template <class K, class V>
struct PersistentMap<K, V>::Node {
  explicit Node(Ref<Entry> leaf) : entry(std::move(leaf)) {}

  // Shares entry and children.
  Node(const Node& other)
      : height(other.height), entry(other.entry), left(other.left), right(other.right) {}

  Node& operator=(const Node&) = delete;

  std::atomic<std::uint32_t> references{1};
  int height = 1;
  Ref<Entry> entry;
  Ref<Node> left;
  Ref<Node> right;

  void measure() {
    height = 1 + std::max(PersistentMap::height(left), PersistentMap::height(right));
  }
};

template <class K, class V>
auto PersistentMap<K, V>::make_entry(K key, V value) -> Ref<Entry> {
  return Ref<Entry>(std::make_unique<Entry>(std::move(key), std::move(value)).release());
}

// The node itself when nobody else sees it, else a copy that shares its children.
template <class K, class V>
auto PersistentMap<K, V>::own(Ref<Node> node) -> Ref<Node> {
  if (node.only_owner()) {
    return node;
  }
  return Ref<Node>(std::make_unique<Node>(*node.get()).release());
}

template <class K, class V>
template <class Q>
const V* PersistentMap<K, V>::find(const Q& key) const {
  const Node* node = root_.get();
  while (node != nullptr) {
    if (key < node->entry->key) {
      node = node->left.get();
    } else if (node->entry->key < key) {
      node = node->right.get();
    } else {
      return &node->entry->value;
    }
  }
  return nullptr;
}

template <class K, class V>
auto PersistentMap<K, V>::insert(Ref<Node> node, Ref<Entry> entry) -> Ref<Node> {
  if (!node) {
    ++size_;
    return Ref<Node>(std::make_unique<Node>(std::move(entry)).release());
  }
  node = own(std::move(node));
  if (entry->key < node->entry->key) {
    node->left = insert(std::move(node->left), std::move(entry));
  } else if (node->entry->key < entry->key) {
    node->right = insert(std::move(node->right), std::move(entry));
  } else {
    node->entry = std::move(entry);
    return node;
  }
  return balance(std::move(node));
}

// Precondition: the key is there.
template <class K, class V>
template <class Q>
auto PersistentMap<K, V>::remove(Ref<Node> node, const Q& key) -> Ref<Node> {
  node = own(std::move(node));
  if (key < node->entry->key) {
    node->left = remove(std::move(node->left), key);
  } else if (node->entry->key < key) {
    node->right = remove(std::move(node->right), key);
  } else {
    if (!node->left) {
      return node->right;
    }
    if (!node->right) {
      return node->left;
    }
    auto [rest, first] = take_first(std::move(node->right));
    node->right = std::move(rest);
    node->entry = std::move(first);
  }
  return balance(std::move(node));
}

template <class K, class V>
auto PersistentMap<K, V>::take_first(Ref<Node> node) -> std::pair<Ref<Node>, Ref<Entry>> {
  node = own(std::move(node));
  if (!node->left) {
    return {node->right, node->entry};
  }
  auto [rest, first] = take_first(std::move(node->left));
  node->left = std::move(rest);
  return {balance(std::move(node)), std::move(first)};
}

// Precondition of the three below: the node is owned.
template <class K, class V>
auto PersistentMap<K, V>::rotate_left(Ref<Node> node) -> Ref<Node> {
  Ref<Node> top = own(std::move(node->right));
  node->right = std::move(top->left);
  node->measure();
  top->left = std::move(node);
  top->measure();
  return top;
}

template <class K, class V>
auto PersistentMap<K, V>::rotate_right(Ref<Node> node) -> Ref<Node> {
  Ref<Node> top = own(std::move(node->left));
  node->left = std::move(top->right);
  node->measure();
  top->right = std::move(node);
  top->measure();
  return top;
}

template <class K, class V>
auto PersistentMap<K, V>::balance(Ref<Node> node) -> Ref<Node> {
  const int lean = height(node->left) - height(node->right);
  if (lean > 1) {
    if (height(node->left->left) < height(node->left->right)) {
      node->left = rotate_left(own(std::move(node->left)));
    }
    return rotate_right(std::move(node));
  }
  if (lean < -1) {
    if (height(node->right->right) < height(node->right->left)) {
      node->right = rotate_right(own(std::move(node->right)));
    }
    return rotate_left(std::move(node));
  }
  node->measure();
  return node;
}

template <class K, class V>
template <class Visit>
void PersistentMap<K, V>::walk(const Node* node, Visit& visit) {
  if (node != nullptr) {
    walk(node->left.get(), visit);
    visit(std::as_const(node->entry->key), std::as_const(node->entry->value));
    walk(node->right.get(), visit);
  }
}

template <class K, class V>
template <class Q, class Visit>
bool PersistentMap<K, V>::walk_from(const Node* node, const Q& from, Visit& visit) {
  if (node == nullptr) {
    return true;
  }
  if (node->entry->key < from) {
    return walk_from(node->right.get(), from, visit);
  }
  return walk_from(node->left.get(), from, visit) &&
         visit(std::as_const(node->entry->key), std::as_const(node->entry->value)) &&
         walk_from(node->right.get(), from, visit);
}

}  // namespace ekiden
