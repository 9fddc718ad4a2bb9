#include "core/runtime/worker.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

namespace ekiden::runtime {
namespace {

constexpr std::size_t kThreadNameMax = 15;  // what the kernel keeps

}  // namespace

struct Worker::Impl {
  void run() {
    while (true) {
      std::function<void()> work;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return stopping || !queue.empty(); });
        if (stopping) {
          return;
        }
        work = std::move(queue.front());
        queue.pop_front();
      }
      work();
    }
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;
  bool stopping = false;
  std::vector<std::thread> threads;
};

Worker::Worker(std::string name, std::size_t threads) : impl_(std::make_unique<Impl>()) {
  name.resize(std::min(name.size(), kThreadNameMax));
  for (std::size_t i = 0; i < threads; ++i) {
    impl_->threads.emplace_back([impl = impl_.get(), name] {
      pthread_setname_np(pthread_self(), name.c_str());
      impl->run();
    });
  }
}

Worker::~Worker() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->changed.notify_all();
  for (std::thread& thread : impl_->threads) {
    thread.join();
  }
}

bool Worker::post(std::function<void()> work) {
  {
    const std::lock_guard lock(impl_->mutex);
    if (impl_->queue.size() >= kQueueMax) {
      return false;
    }
    impl_->queue.push_back(std::move(work));
  }
  impl_->changed.notify_one();
  return true;
}

}  // namespace ekiden::runtime
