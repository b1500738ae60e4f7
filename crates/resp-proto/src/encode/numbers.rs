//! The numbers that can be written, and how they are spelt.

/// An integer of the standard library, of any width.
pub trait Integer: sealed::Integer {}

/// A float of the standard library, of either width.
pub trait Float: sealed::Float {}

/// What no other crate can implement, and what none sees: whose work the digits are.
pub(super) mod sealed {
    pub trait Integer: Copy {
        fn text(self, buffer: &mut itoa::Buffer) -> &str;
    }

    pub trait Float: Copy {
        fn text(self, buffer: &mut ryu::Buffer) -> &str;
    }
}

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Integer for $integer {}

        impl sealed::Integer for $integer {
            #[inline]
            fn text(self, buffer: &mut itoa::Buffer) -> &str {
                buffer.format(self)
            }
        }
    )*};
}

integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

macro_rules! floats {
    ($($float:ty),*) => {$(
        impl Float for $float {}

        impl sealed::Float for $float {
            #[inline]
            fn text(self, buffer: &mut ryu::Buffer) -> &str {
                match self {
                    Self::INFINITY => "inf",
                    Self::NEG_INFINITY => "-inf",
                    number if number.is_nan() => "nan",
                    number => buffer.format_finite(number),
                }
            }
        }
    )*};
}

floats!(f32, f64);
