// A folder's name for files of a test, which no other test, and no other run of the same one, has.
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

inline std::filesystem::path own_folder(std::string const& stem) {
  auto const* const test = testing::UnitTest::GetInstance()->current_test_info();
  return std::filesystem::path(testing::TempDir()) / (stem + '_' + test->name() + '_' + std::to_string(::getpid()));
}
