//! Tests of the whole client against real servers, a module a subject.
