//! Bitmaps: <https://redis.io/docs/latest/commands/?group=bitmap>.

use crate::{BitOp, BitPosition, BitRange, Execute, FieldOps, FieldReads, ToArg, ToArgs, cmd};

/// Commands on the bits of strings.
pub trait BitmapCommands: Execute {
    /// How many bits are 1; 0 when there is no such key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BITCOUNT")]
    fn bitcount(self, key: impl ToArg) -> Self::Output<usize> {
        self.execute(cmd("BITCOUNT").read_only().key(&key))
    }

    /// How many bits of the range are 1.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BITCOUNT")]
    fn bitcount_range(self, key: impl ToArg, range: BitRange) -> Self::Output<usize> {
        self.execute(cmd("BITCOUNT").read_only().key(&key).with(&range))
    }

    /// Reads and changes integers of any width within the string. Returns the result of each operation, or `None` where
    /// it would have [overflowed](FieldOps::fail).
    ///
    /// Since Redis 3.2. Complexity: O(1).
    #[doc(alias = "BITFIELD")]
    fn bitfield(self, key: impl ToArg, operations: FieldOps) -> Self::Output<Vec<Option<i64>>> {
        self.execute(cmd("BITFIELD").key(&key).with(&operations))
    }

    /// Reads integers of any width within the string.
    ///
    /// Since Redis 6.0. Complexity: O(1).
    #[doc(alias = "BITFIELD_RO")]
    fn bitfield_ro(self, key: impl ToArg, operations: FieldReads) -> Self::Output<Vec<i64>> {
        self.execute(cmd("BITFIELD_RO").read_only().key(&key).with(&operations))
    }

    /// Combines the strings at `keys` bit by bit and stores the result at `destination`. Returns its length in bytes.
    /// `Not` takes one key.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BITOP")]
    fn bitop(
        self,
        operation: BitOp,
        destination: impl ToArg,
        keys: impl ToArgs,
    ) -> Self::Output<usize> {
        let command = cmd("BITOP")
            .with(&operation)
            .key(&destination)
            .each_key(&keys);
        // The destination is one of them.
        let has_more_keys = command.key_positions().nth(2).is_some();
        self.execute(if operation == BitOp::Not && has_more_keys {
            command.invalid("expected one key for NOT, found more")
        } else {
            command
        })
    }

    /// The place of the first bit that is 1, or 0; `None` in it when there is none. Of a string without a 0, the first one
    /// is behind its end.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BITPOS")]
    fn bitpos(self, key: impl ToArg, bit: bool) -> Self::Output<BitPosition> {
        self.execute(cmd("BITPOS").read_only().key(&key).unsigned(bit.into()))
    }

    /// The place of the first bit of the range that is 1, or 0, counted from the start of the string;
    /// `None` in it when there is none. Where the range has no end, a 0 may be behind that of the string.
    ///
    /// Complexity: O(N).
    #[doc(alias = "BITPOS")]
    fn bitpos_range(
        self,
        key: impl ToArg,
        bit: bool,
        range: BitRange,
    ) -> Self::Output<BitPosition> {
        self.execute(
            cmd("BITPOS")
                .read_only()
                .key(&key)
                .unsigned(bit.into())
                .with(&range),
        )
    }

    /// The bit at `offset`; 0, that is false, beyond the end.
    ///
    /// Complexity: O(1).
    #[doc(alias = "GETBIT")]
    fn getbit(self, key: impl ToArg, offset: u64) -> Self::Output<bool> {
        self.execute(cmd("GETBIT").read_only().key(&key).unsigned(offset))
    }

    /// Sets the bit at `offset`, making the string long enough. Returns the bit that was there.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SETBIT")]
    fn setbit(self, key: impl ToArg, offset: u64, bit: bool) -> Self::Output<bool> {
        self.execute(
            cmd("SETBIT")
                .key(&key)
                .unsigned(offset)
                .unsigned(bit.into()),
        )
    }
}
