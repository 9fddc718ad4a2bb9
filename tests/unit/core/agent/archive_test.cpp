#include "core/agent/fetcher.h"
#include "tests/unit/core/agent/temp_folder.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

namespace ekiden::agent {
namespace {

struct Entry {
  std::string name;
  std::string text;
  std::string symlink;
  std::string hardlink;
};

void make_tar(const std::string& path, const std::vector<Entry>& entries) {
  archive* out = archive_write_new();
  archive_write_add_filter_gzip(out);
  archive_write_set_format_pax_restricted(out);
  ASSERT_EQ(archive_write_open_filename(out, path.c_str()), ARCHIVE_OK);
  for (const Entry& one : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, one.name.c_str());
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_filetype(entry, one.symlink.empty() ? AE_IFREG : AE_IFLNK);
    if (!one.symlink.empty()) {
      archive_entry_set_symlink(entry, one.symlink.c_str());
    }
    if (!one.hardlink.empty()) {
      archive_entry_set_hardlink(entry, one.hardlink.c_str());
    }
    archive_entry_set_size(entry, static_cast<la_int64_t>(one.text.size()));
    archive_write_header(out, entry);
    archive_write_data(out, one.text.data(), one.text.size());
    archive_entry_free(entry);
  }
  archive_write_free(out);
}

TEST(Archive, IsUnpackedIntoTheSandbox) {
  const TempFolder folder;
  make_tar(folder.path() + "/a.tar.gz", {{"bin/tool", "hello", "", ""}});
  const auto done = extract_archive(folder.path() + "/a.tar.gz", folder.path());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(slurp(folder.path() + "/bin/tool"), "hello");
}

TEST(Archive, EntriesCannotLeaveTheSandbox) {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() + "/box");
  const std::vector<std::vector<Entry>> hostile = {
      {{"../out", "x", "", ""}},
      {{"/tmp/ekiden-absolute-entry", "x", "", ""}},
      {{"link", "", folder.path(), ""}, {"link/out", "x", "", ""}},
      {{"hard", "", "", "../../etc/passwd"}},
  };
  for (const auto& entries : hostile) {
    make_tar(folder.path() + "/h.tgz", entries);
    EXPECT_FALSE(extract_archive(folder.path() + "/h.tgz", folder.path() + "/box"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() + "/out"));
    std::filesystem::remove(folder.path() + "/box/link");
  }
  EXPECT_FALSE(std::filesystem::exists("/tmp/ekiden-absolute-entry"));
}

TEST(Archive, NonsenseIsAnErrorThatNamesIt) {
  const TempFolder folder;
  folder.write("x.zip", "not an archive at all, but long enough to be looked at");
  const auto done = extract_archive(folder.path() + "/x.zip", folder.path());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("x.zip"), std::string::npos);
}

TEST(FetchedName, IsTheLastPartOfThePath) {
  EXPECT_EQ(*fetched_name({"http://h/a/b.tgz?x=1#y", false, true, false, {}}), "b.tgz");
  EXPECT_EQ(*fetched_name({"file:///etc/hosts", false, true, false, {}}), "hosts");
  EXPECT_EQ(*fetched_name({"http://h/a", false, true, false, "sub/name"}), "sub/name");
}

TEST(FetchedName, CannotLeaveTheSandbox) {
  for (const char* name : {"../x", "/x", "a/../../x", ""}) {
    EXPECT_FALSE(fetched_name({"http://h/a", false, true, false, name})) << name;
  }
  EXPECT_FALSE(fetched_name({"http://h", false, true, false, {}}));
  EXPECT_FALSE(fetched_name({"http://h/..", false, true, false, {}}));
}

}  // namespace
}  // namespace ekiden::agent
