//! Arrays: <https://redis.io/docs/latest/commands/?group=array>.

use resp_proto::FromReplyOwned;

use crate::{ArrayBits, ArrayGrep, ArrayInfo, ArrayTotal, Execute, ToArg, ToArgs, cmd};

/// Commands on arrays, whose elements have indices from 0 on, with gaps between them that take no memory. Redis
/// only, since 8.8, where they are a preview that may change.
///
/// Ranges include both ends. A cursor, which each array has, says where
/// [`arinsert`](ArrayCommands::arinsert) and [`arring`](ArrayCommands::arring) go on.
pub trait ArrayCommands: Execute {
    /// How many elements there are, gaps not counted; 0 when there is no such key.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARCOUNT")]
    fn arcount(self, key: impl ToArg) -> Self::Output<u64> {
        self.execute(cmd("ARCOUNT").read_only().key(&key))
    }

    /// Removes the elements at `indices`. Returns how many there were.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARDEL")]
    fn ardel(self, key: impl ToArg, indices: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARDEL").key(&key).several(&indices))
    }

    /// Removes the elements of ranges, given as `(start, end)` pairs. Returns how many there were.
    ///
    /// Redis only, since 8.8. Complexity: O(N), N being the elements that there are.
    #[doc(alias = "ARDELRANGE")]
    fn ardelrange(self, key: impl ToArg, ranges: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARDELRANGE").key(&key).pairs(&ranges))
    }

    /// The element at `index`; `None` when there is none.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARGET")]
    fn arget<T: FromReplyOwned>(self, key: impl ToArg, index: u64) -> Self::Output<Option<T>> {
        self.execute(cmd("ARGET").read_only().key(&key).unsigned(index))
    }

    /// The elements from `start` to `end`, `None` for each gap; from the last to the first if `start` is
    /// greater.
    ///
    /// Redis only, since 8.8. Complexity: O(N), N being the length of the range.
    #[doc(alias = "ARGETRANGE")]
    fn argetrange<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
    ) -> Self::Output<Vec<Option<T>>> {
        self.execute(
            cmd("ARGETRANGE")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end),
        )
    }

    /// The indices from `start` to `end` whose elements match, in descending order if `start` is greater. `-`
    /// is the first index of the array, `+` the last one.
    ///
    /// Redis only, since 8.8. Complexity: O(P·C).
    #[doc(alias = "ARGREP")]
    fn argrep(
        self,
        key: impl ToArg,
        start: impl ToArg,
        end: impl ToArg,
        grep: ArrayGrep,
    ) -> Self::Output<Vec<u64>> {
        self.execute(
            cmd("ARGREP")
                .read_only()
                .key(&key)
                .arg(&start)
                .arg(&end)
                .with(&grep),
        )
    }

    /// What [`argrep`](ArrayCommands::argrep) answers, with the elements.
    ///
    /// Redis only, since 8.8. Complexity: O(P·C).
    #[doc(alias = "ARGREP")]
    #[doc(alias = "ARGREP WITHVALUES")]
    fn argrep_withvalues<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: impl ToArg,
        end: impl ToArg,
        grep: ArrayGrep,
    ) -> Self::Output<Vec<(u64, T)>> {
        self.execute(
            cmd("ARGREP")
                .read_only()
                .key(&key)
                .arg(&start)
                .arg(&end)
                .with(&grep)
                .word("WITHVALUES"),
        )
    }

    /// How the array is kept; an error when there is no such key.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARINFO")]
    fn arinfo(self, key: impl ToArg) -> Self::Output<ArrayInfo> {
        self.execute(cmd("ARINFO").read_only().key(&key))
    }

    /// How the array is kept, with averages that have to be counted; an error when there is no such key.
    ///
    /// Redis only, since 8.8. Complexity: O(N), N being the slices.
    #[doc(alias = "ARINFO")]
    #[doc(alias = "ARINFO FULL")]
    fn arinfo_full(self, key: impl ToArg) -> Self::Output<ArrayInfo> {
        self.execute(cmd("ARINFO").read_only().key(&key).word("FULL"))
    }

    /// Puts `values` at the cursor and behind it, none of which may be `None`. Returns the index of the last one.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARINSERT")]
    fn arinsert(self, key: impl ToArg, values: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARINSERT").key(&key).elements(&values))
    }

    /// Up to `count` of the elements that were inserted last, the oldest first; `None` for each one that is
    /// gone.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARLASTITEMS")]
    fn arlastitems<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<Option<T>>> {
        self.execute(cmd("ARLASTITEMS").read_only().key(&key).unsigned(count))
    }

    /// What [`arlastitems`](ArrayCommands::arlastitems) answers, the newest first.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARLASTITEMS")]
    #[doc(alias = "ARLASTITEMS REV")]
    fn arlastitems_rev<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        count: u64,
    ) -> Self::Output<Vec<Option<T>>> {
        self.execute(
            cmd("ARLASTITEMS")
                .read_only()
                .key(&key)
                .unsigned(count)
                .word("REV"),
        )
    }

    /// The highest index and one; 0 when there is no such key.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARLEN")]
    fn arlen(self, key: impl ToArg) -> Self::Output<u64> {
        self.execute(cmd("ARLEN").read_only().key(&key))
    }

    /// The elements at `indices`, in their order; `None` for each gap.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARMGET")]
    fn armget<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        indices: impl ToArgs,
    ) -> Self::Output<Vec<Option<T>>> {
        self.execute(cmd("ARMGET").read_only().key(&key).elements(&indices))
    }

    /// Puts values at indices, given as `(index, value)` pairs. Returns how many gaps that filled.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARMSET")]
    fn armset(self, key: impl ToArg, indices_and_values: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARMSET").key(&key).pairs(&indices_and_values))
    }

    /// Where the cursor is, 0 when there is no such key; `None` when it is behind the last index that there
    /// can be.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARNEXT")]
    fn arnext(self, key: impl ToArg) -> Self::Output<Option<u64>> {
        self.execute(cmd("ARNEXT").read_only().key(&key))
    }

    /// The sum, the least or the greatest of the numbers from `start` to `end`; `None` when there is none.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "AROP")]
    #[doc(alias = "AROP SUM")]
    fn arop(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
        total: ArrayTotal,
    ) -> Self::Output<Option<f64>> {
        self.execute(
            cmd("AROP")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end)
                .with(&total),
        )
    }

    /// The bits of the numbers from `start` to `end`, combined; `None` when there is none. Of floats, what is
    /// behind the point is left out.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "AROP")]
    #[doc(alias = "AROP AND")]
    fn arop_bits(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
        bits: ArrayBits,
    ) -> Self::Output<Option<i64>> {
        self.execute(
            cmd("AROP")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end)
                .with(&bits),
        )
    }

    /// How many elements from `start` to `end` equal `value`.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "AROP")]
    #[doc(alias = "AROP MATCH")]
    fn arop_match(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
        value: impl ToArg,
    ) -> Self::Output<u64> {
        self.execute(
            cmd("AROP")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end)
                .word("MATCH")
                .arg(&value),
        )
    }

    /// How many elements there are from `start` to `end`, gaps not counted.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "AROP")]
    #[doc(alias = "AROP USED")]
    fn arop_used(self, key: impl ToArg, start: u64, end: u64) -> Self::Output<u64> {
        self.execute(
            cmd("AROP")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end)
                .word("USED"),
        )
    }

    /// Puts `values`, none of which may be `None`, at the cursor and behind it, which goes on at 0 whenever it comes to
    /// `size`. Returns the index of the last one. What is at `size` and behind it is removed.
    ///
    /// Redis only, since 8.8. Complexity: O(M), O(N+M) when the size changes.
    #[doc(alias = "ARRING")]
    fn arring(self, key: impl ToArg, size: u64, values: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARRING").key(&key).unsigned(size).elements(&values))
    }

    /// The elements from `start` to `end` with their indices, without the gaps; from the last to the first if
    /// `start` is greater.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "ARSCAN")]
    fn arscan<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
    ) -> Self::Output<Vec<(u64, T)>> {
        self.execute(
            cmd("ARSCAN")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end),
        )
    }

    /// What [`arscan`](ArrayCommands::arscan) answers, but no more than `limit` elements.
    ///
    /// Redis only, since 8.8. Complexity: O(P).
    #[doc(alias = "ARSCAN")]
    #[doc(alias = "ARSCAN LIMIT")]
    fn arscan_limit<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        start: u64,
        end: u64,
        limit: u64,
    ) -> Self::Output<Vec<(u64, T)>> {
        self.execute(
            cmd("ARSCAN")
                .read_only()
                .key(&key)
                .unsigned(start)
                .unsigned(end)
                .word("LIMIT")
                .unsigned(limit),
        )
    }

    /// Puts the cursor at `index`. Returns false when there is no such key.
    ///
    /// Redis only, since 8.8. Complexity: O(1).
    #[doc(alias = "ARSEEK")]
    fn arseek(self, key: impl ToArg, index: u64) -> Self::Output<bool> {
        self.execute(cmd("ARSEEK").key(&key).unsigned(index))
    }

    /// Puts `values`, none of which may be `None`, at `index` and behind it. Returns how many gaps that filled. Where
    /// there are to be gaps, [`armset`](ArrayCommands::armset) takes each value with its index.
    ///
    /// Redis only, since 8.8. Complexity: O(N).
    #[doc(alias = "ARSET")]
    fn arset(self, key: impl ToArg, index: u64, values: impl ToArgs) -> Self::Output<u64> {
        self.execute(cmd("ARSET").key(&key).unsigned(index).elements(&values))
    }
}
