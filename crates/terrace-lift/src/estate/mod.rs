//! An inventory as an estate: who there is, which policies say what, and what carries which role.
