// Uses what it does not include; the check must say so.
#pragma once
inline std::string nothing_included() { return {}; }
