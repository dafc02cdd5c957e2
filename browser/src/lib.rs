//! Starts the built program and a browser beside it, for the tests in `tests/`.
