/// @file
/// All of Grille's public face.
#pragma once
#include "grille/audit.hpp"
#include "grille/database.hpp"
#include "grille/dialect.hpp"
#include "grille/error.hpp"
#include "grille/mapping.hpp"
#include "grille/policy.hpp"
#include "grille/postgres.hpp"
#include "grille/principal.hpp"
#include "grille/rows.hpp"
#include "grille/schema.hpp"
#include "grille/session.hpp"
#include "grille/specification.hpp"
#include "grille/sqlite.hpp"
#include "grille/value.hpp"
