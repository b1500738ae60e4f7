//! Holds no code: the tests are in `live/`.
