//! Keys of any type: <https://redis.io/docs/latest/commands/?group=generic>.

use resp_proto::FromReplyOwned;

use crate::{
    CopyOptions, Execute, ExpireOptions, ExpireTime, Expiry, MigrateOptions, Migrated,
    Milliseconds, RestoreOptions, ScanOptions, ScanPage, Seconds, SortOptions, ToArg, ToArgs, Ttl,
    UnixMilliseconds, UnixSeconds, cmd,
};

/// Commands on keys, whatever they hold.
pub trait KeyCommands: Execute {
    /// Copies `source` to `destination`, which must not exist. Returns whether it did.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "COPY")]
    fn copy(self, source: impl ToArg, destination: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("COPY").key(&source).key(&destination))
    }

    /// Copies `source` to `destination` under `options`. Returns whether it did.
    ///
    /// Since Redis 6.2. Complexity: O(N).
    #[doc(alias = "COPY")]
    #[doc(alias = "COPY REPLACE")]
    fn copy_with(
        self,
        source: impl ToArg,
        destination: impl ToArg,
        options: CopyOptions,
    ) -> Self::Output<bool> {
        self.execute(cmd("COPY").key(&source).key(&destination).with(&options))
    }

    /// Deletes `keys`. Returns how many there were.
    ///
    /// Complexity: O(N).
    #[doc(alias = "DEL")]
    #[doc(alias = "delete")]
    fn del(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("DEL").several_keys(&keys))
    }

    /// The value of `key` in the server's own format, for [`restore`](KeyCommands::restore); `None` when
    /// there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "DUMP")]
    fn dump(self, key: impl ToArg) -> Self::Output<Option<Vec<u8>>> {
        self.execute(cmd("DUMP").read_only().key(&key))
    }

    /// How many of `keys` exist; one that is named twice counts twice.
    ///
    /// Complexity: O(N).
    #[doc(alias = "EXISTS")]
    fn exists(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("EXISTS").read_only().several_keys(&keys))
    }

    /// Makes `key` expire in `seconds`. Returns false when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "EXPIRE")]
    fn expire(self, key: impl ToArg, seconds: impl Into<Seconds>) -> Self::Output<bool> {
        self.execute(cmd("EXPIRE").key(&key).with(&seconds.into()))
    }

    /// Makes `key` expire in `seconds` if the condition holds. Returns false when it does not, or when there is no such
    /// key.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "EXPIRE")]
    #[doc(alias = "EXPIRE NX")]
    fn expire_with(
        self,
        key: impl ToArg,
        seconds: impl Into<Seconds>,
        options: ExpireOptions,
    ) -> Self::Output<bool> {
        self.execute(cmd("EXPIRE").key(&key).with(&seconds.into()).with(&options))
    }

    /// Makes `key` expire at a time. Returns false when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "EXPIREAT")]
    fn expireat(self, key: impl ToArg, time: impl Into<UnixSeconds>) -> Self::Output<bool> {
        self.execute(cmd("EXPIREAT").key(&key).with(&time.into()))
    }

    /// Makes `key` expire at a time if the condition holds. Returns false when it does not, or when there is no such
    /// key.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "EXPIREAT")]
    #[doc(alias = "EXPIREAT NX")]
    fn expireat_with(
        self,
        key: impl ToArg,
        time: impl Into<UnixSeconds>,
        options: ExpireOptions,
    ) -> Self::Output<bool> {
        self.execute(cmd("EXPIREAT").key(&key).with(&time.into()).with(&options))
    }

    /// When `key` expires, as Unix time in seconds.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "EXPIRETIME")]
    fn expiretime(self, key: impl ToArg) -> Self::Output<ExpireTime<UnixSeconds>> {
        self.execute(cmd("EXPIRETIME").read_only().key(&key))
    }

    /// The keys that match a glob-style `pattern`. It looks at every key of the database and blocks the
    /// server meanwhile: use a scan where there are many.
    ///
    /// Complexity: O(N).
    #[doc(alias = "KEYS")]
    fn keys<T: FromReplyOwned>(self, pattern: impl ToArg) -> Self::Output<Vec<T>> {
        self.execute(cmd("KEYS").read_only().arg(&pattern))
    }

    /// Moves keys to the server at `host` and `port`. Returns whether there was any. `timeout` is the longest that the
    /// servers may say nothing to each other, a second where it is not positive. How long they may take in all has no
    /// limit, and neither has the call: it has a connection of its own until they are done.
    #[doc(alias = "MIGRATE")]
    fn migrate(
        self,
        host: impl ToArg,
        port: u16,
        db: u32,
        timeout: impl Into<Milliseconds>,
        options: MigrateOptions,
    ) -> Self::Output<Migrated> {
        let timeout = timeout.into();
        self.execute(
            cmd("MIGRATE")
                .arg(&host)
                .unsigned(port.into())
                .with(&options.first_key())
                .unsigned(db.into())
                .with(&timeout)
                .with(&options),
        )
    }

    /// Moves `key` to another database. Returns false when there is no such key, or one of that name there.
    ///
    /// Complexity: O(1).
    #[doc(alias = "MOVE")]
    fn move_key(self, key: impl ToArg, db: u32) -> Self::Output<bool> {
        self.execute(cmd("MOVE").key(&key).unsigned(db.into()))
    }

    /// How the value of `key` is stored, in the server's word; `None` when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "OBJECT ENCODING")]
    fn object_encoding(self, key: impl ToArg) -> Self::Output<Option<String>> {
        self.execute(cmd("OBJECT ENCODING").read_only().key(&key))
    }

    /// How often `key` was used, on a logarithmic scale; `None` when there is no such key. An error unless the server
    /// evicts by frequency (`maxmemory-policy`).
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "OBJECT FREQ")]
    fn object_freq(self, key: impl ToArg) -> Self::Output<Option<u64>> {
        self.execute(cmd("OBJECT FREQ").read_only().key(&key))
    }

    /// For how many seconds `key` was not used; `None` when there is no such key. An error if the server evicts by
    /// frequency (`maxmemory-policy`).
    ///
    /// Complexity: O(1).
    #[doc(alias = "OBJECT IDLETIME")]
    fn object_idletime(self, key: impl ToArg) -> Self::Output<Option<Seconds>> {
        self.execute(cmd("OBJECT IDLETIME").read_only().key(&key))
    }

    /// How many references there are to the value of `key`; `None` when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "OBJECT REFCOUNT")]
    fn object_refcount(self, key: impl ToArg) -> Self::Output<Option<u64>> {
        self.execute(cmd("OBJECT REFCOUNT").read_only().key(&key))
    }

    /// Makes `key` stay for ever. Returns false when it would have, or when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PERSIST")]
    fn persist(self, key: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("PERSIST").key(&key))
    }

    /// Makes `key` expire in `milliseconds`. Returns false when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PEXPIRE")]
    fn pexpire(self, key: impl ToArg, milliseconds: impl Into<Milliseconds>) -> Self::Output<bool> {
        self.execute(cmd("PEXPIRE").key(&key).with(&milliseconds.into()))
    }

    /// Makes `key` expire in `milliseconds` if the condition holds. Returns false when it does not, or when there is no
    /// such key.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "PEXPIRE")]
    #[doc(alias = "PEXPIRE NX")]
    fn pexpire_with(
        self,
        key: impl ToArg,
        milliseconds: impl Into<Milliseconds>,
        options: ExpireOptions,
    ) -> Self::Output<bool> {
        self.execute(
            cmd("PEXPIRE")
                .key(&key)
                .with(&milliseconds.into())
                .with(&options),
        )
    }

    /// Makes `key` expire at a time, to the millisecond. Returns false when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PEXPIREAT")]
    fn pexpireat(self, key: impl ToArg, time: impl Into<UnixMilliseconds>) -> Self::Output<bool> {
        self.execute(cmd("PEXPIREAT").key(&key).with(&time.into()))
    }

    /// Makes `key` expire at a time, to the millisecond, if the condition holds. Returns false when it does not, or
    /// when there is no such key.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "PEXPIREAT")]
    #[doc(alias = "PEXPIREAT NX")]
    fn pexpireat_with(
        self,
        key: impl ToArg,
        time: impl Into<UnixMilliseconds>,
        options: ExpireOptions,
    ) -> Self::Output<bool> {
        self.execute(cmd("PEXPIREAT").key(&key).with(&time.into()).with(&options))
    }

    /// When `key` expires, as Unix time in milliseconds.
    ///
    /// Since Redis 7.0. Complexity: O(1).
    #[doc(alias = "PEXPIRETIME")]
    fn pexpiretime(self, key: impl ToArg) -> Self::Output<ExpireTime<UnixMilliseconds>> {
        self.execute(cmd("PEXPIRETIME").read_only().key(&key))
    }

    /// How many milliseconds `key` has left.
    ///
    /// Complexity: O(1).
    #[doc(alias = "PTTL")]
    fn pttl(self, key: impl ToArg) -> Self::Output<Ttl<Milliseconds>> {
        self.execute(cmd("PTTL").read_only().key(&key))
    }

    /// Some key; `None` when there is none in the database.
    ///
    /// Complexity: O(1).
    #[doc(alias = "RANDOMKEY")]
    fn randomkey<T: FromReplyOwned>(self) -> Self::Output<Option<T>> {
        self.execute(cmd("RANDOMKEY").read_only())
    }

    /// Gives `key` another name, at which anything else is overwritten. Fails when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "RENAME")]
    fn rename(self, key: impl ToArg, new_key: impl ToArg) -> Self::Output<()> {
        self.execute(cmd("RENAME").key(&key).key(&new_key))
    }

    /// Gives `key` another name if there is nothing at it. Returns whether it did. An error when there is no such key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "RENAMENX")]
    fn renamenx(self, key: impl ToArg, new_key: impl ToArg) -> Self::Output<bool> {
        self.execute(cmd("RENAMENX").key(&key).key(&new_key))
    }

    /// Makes `key` of what [`dump`](KeyCommands::dump) answered, to live until it expires, or for ever with `None`.
    /// Fails when there is such a key, unless it is to be [replaced](RestoreOptions::replace). No time at all is a
    /// millisecond. An expiry at a time is since Redis 5.0.
    ///
    /// ```
    /// # use redis_cmd::{Command, Execute, Expiry, KeyCommands, RestoreOptions, Ttl, Milliseconds};
    /// # struct Spell;
    /// # impl Execute for Spell {
    /// #     type Output<T: resp_proto::FromReplyOwned> = String;
    /// #     fn execute<T: resp_proto::FromReplyOwned>(self, command: Command<'_, T>) -> String {
    /// #         command.to_string()
    /// #     }
    /// # }
    /// # impl KeyCommands for Spell {}
    /// # let (client, dump) = (Spell, "dump");
    /// // What `pttl` says of the key that is copied.
    /// let ttl = Ttl::Left(Milliseconds(1500));
    /// let sent = client.restore("copy", ttl.left().map(Expiry::from), dump, RestoreOptions::new());
    /// assert_eq!(sent, "RESTORE copy 1500 dump");
    /// ```
    ///
    /// Complexity: O(1).
    #[doc(alias = "RESTORE")]
    #[doc(alias = "ABSTTL")]
    fn restore(
        self,
        key: impl ToArg,
        expiry: Option<Expiry>,
        value: impl ToArg,
        options: RestoreOptions,
    ) -> Self::Output<()> {
        let (ttl, is_time) = expiry.map_or((0, false), Expiry::milliseconds);
        self.execute(
            cmd("RESTORE")
                .key(&key)
                .unsigned(ttl)
                .arg(&value)
                .word_if(is_time, "ABSTTL")
                .with(&options),
        )
    }

    /// Some of the keys, and the cursor for the next ones; start with cursor 0, and be done when 0 comes
    /// back. A key may come more than once.
    ///
    /// Complexity: O(1).
    #[doc(alias = "SCAN")]
    fn scan<T: FromReplyOwned>(
        self,
        cursor: u64,
        options: ScanOptions,
    ) -> Self::Output<ScanPage<T>> {
        self.execute(cmd("SCAN").read_only().unsigned(cursor).with(&options))
    }

    /// The elements of a list, set or sorted set in order, or what they lead to; decode into
    /// `Vec<Option<T>>` where [`get`](SortOptions::get) may find nothing.
    ///
    /// Complexity: O(N+M·log(M)).
    #[doc(alias = "SORT")]
    fn sort<T: FromReplyOwned>(self, key: impl ToArg, options: SortOptions) -> Self::Output<T> {
        self.execute(cmd("SORT").key(&key).with(&options))
    }

    /// Stores what [`sort`](KeyCommands::sort) would answer as a list at `destination`. Returns its length.
    ///
    /// Complexity: O(N+M·log(M)).
    #[doc(alias = "SORT")]
    #[doc(alias = "SORT STORE")]
    fn sort_store(
        self,
        key: impl ToArg,
        options: SortOptions,
        destination: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("SORT")
                .key(&key)
                .with(&options)
                .word("STORE")
                .key(&destination),
        )
    }

    /// [`sort`](KeyCommands::sort), as a command that only reads.
    ///
    /// Since Redis 7.0. Complexity: O(N+M·log(M)).
    #[doc(alias = "SORT_RO")]
    fn sort_ro<T: FromReplyOwned>(self, key: impl ToArg, options: SortOptions) -> Self::Output<T> {
        self.execute(cmd("SORT_RO").read_only().key(&key).with(&options))
    }

    /// Counts `keys` as used just now. Returns how many exist.
    ///
    /// Since Redis 3.2.1. Complexity: O(N).
    #[doc(alias = "TOUCH")]
    fn touch(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("TOUCH").read_only().several_keys(&keys))
    }

    /// How many seconds `key` has left.
    ///
    /// Complexity: O(1).
    #[doc(alias = "TTL")]
    fn ttl(self, key: impl ToArg) -> Self::Output<Ttl<Seconds>> {
        self.execute(cmd("TTL").read_only().key(&key))
    }

    /// What `key` holds, in the server's word: `string`, `list`, `hash` …; `none` when there is no such
    /// key.
    ///
    /// Complexity: O(1).
    #[doc(alias = "TYPE")]
    fn key_type(self, key: impl ToArg) -> Self::Output<String> {
        self.execute(cmd("TYPE").read_only().key(&key))
    }

    /// Deletes `keys` and frees their memory in the background. Returns how many there were.
    ///
    /// Since Redis 4.0. Complexity: O(1).
    #[doc(alias = "UNLINK")]
    fn unlink(self, keys: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("UNLINK").several_keys(&keys))
    }
}
