//! Holds no code: the tests are in `live/`, one binary for all of them.
