//! What a client makes that makes calls of its own: scripts, function libraries, scans and locks.

use std::{sync::Arc, time::Duration};

use redis_cmd::{Execute, FunctionCommands, ScanOptions, ToArg, ToArgs};
use redis_conn::Error;
use redis_ext::{CallFunction, FunctionLibrary, Lock, RunScript, ScanIter, Script};
use resp_proto::FromReplyOwned;

use crate::Client;

impl Client {
    /// A script, to be run with [`run_script`](RunScript::run_script). Nothing is sent, and any client
    /// can run it: it is [`Script::new`], where who comes from redis-py looks for it.
    ///
    /// ```no_run
    /// use redis::prelude::*;
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// let multiply = client.register_script("return redis.call('GET', KEYS[1]) * ARGV[1]");
    /// client.set("foo", 2)?;
    /// let ten: i64 = client.run_script(&multiply, "foo", 5)?;
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[must_use]
    pub fn register_script(&self, text: impl Into<Arc<str>>) -> Script {
        Script::new(text)
    }

    /// A library of functions, to be called with [`call_function`](CallFunction::call_function). Nothing
    /// is sent, and any client can call them: it is [`FunctionLibrary::new`].
    ///
    /// # Errors
    /// Those of [`FunctionLibrary::new`].
    pub fn register_library(&self, code: impl Into<Arc<str>>) -> Result<FunctionLibrary, Error> {
        FunctionLibrary::new(code)
    }

    /// An iterator over the keys of the database; see [`ScanIter`].
    ///
    /// ```no_run
    /// use redis::{ScanOptions, prelude::*};
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// for key in client.scan_iter::<String>(ScanOptions::new().pattern("session:*").count(1000)) {
    ///     client.expire(key?, 3600)?;
    /// }
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[doc(alias = "SCAN")]
    #[must_use]
    pub fn scan_iter<T: FromReplyOwned>(&self, options: ScanOptions) -> ScanIter<T> {
        ScanIter::keys(self.checkout(), options)
    }

    /// An iterator over the fields and values of a hash, none if there is no such key; see [`ScanIter`].
    ///
    /// ```no_run
    /// use redis::{ScanOptions, prelude::*};
    ///
    /// # let client = Client::open("redis://localhost")?;
    /// for entry in client.hscan_iter("user:1", ScanOptions::new()) {
    ///     let (field, value): (String, String) = entry?;
    ///     println!("{field} is {value}");
    /// }
    /// # Ok::<(), redis::Error>(())
    /// ```
    #[doc(alias = "HSCAN")]
    #[must_use]
    pub fn hscan_iter<F: FromReplyOwned, V: FromReplyOwned>(
        &self,
        key: impl ToArg,
        options: ScanOptions,
    ) -> ScanIter<(F, V)> {
        ScanIter::hash(self.checkout(), &key, options)
    }

    /// An iterator over the fields of a hash without their values. Since Redis 7.4 and Valkey 8.0.
    #[doc(alias = "HSCAN NOVALUES")]
    #[must_use]
    pub fn hscan_novalues_iter<F: FromReplyOwned>(
        &self,
        key: impl ToArg,
        options: ScanOptions,
    ) -> ScanIter<F> {
        ScanIter::hash_fields(self.checkout(), &key, options)
    }

    /// An iterator over the members of a set, none if there is no such key; see [`ScanIter`].
    #[doc(alias = "SSCAN")]
    #[must_use]
    pub fn sscan_iter<T: FromReplyOwned>(
        &self,
        key: impl ToArg,
        options: ScanOptions,
    ) -> ScanIter<T> {
        ScanIter::set(self.checkout(), &key, options)
    }

    /// An iterator over the members of a sorted set and their scores, in no order, none if there is no
    /// such key; see [`ScanIter`].
    #[doc(alias = "ZSCAN")]
    #[must_use]
    pub fn zscan_iter<M: FromReplyOwned>(
        &self,
        key: impl ToArg,
        options: ScanOptions,
    ) -> ScanIter<(M, f64)> {
        ScanIter::sorted_set(self.checkout(), &key, options)
    }

    /// An iterator over the members of a sorted set without their scores. Valkey only, since 8.0.
    #[doc(alias = "ZSCAN NOSCORES")]
    #[must_use]
    pub fn zscan_noscores_iter<M: FromReplyOwned>(
        &self,
        key: impl ToArg,
        options: ScanOptions,
    ) -> ScanIter<M> {
        ScanIter::sorted_set_members(self.checkout(), &key, options)
    }

    /// The lock at the key `name`, which whoever takes it has for `lifetime`, in whole milliseconds,
    /// rounded up. Nothing is sent; see [`Lock`].
    #[must_use]
    pub fn lock(&self, name: impl ToArg, lifetime: Duration) -> Lock {
        Lock::new(self.checkout(), &name, lifetime)
    }
}

impl RunScript for &Client {
    fn run_script<T: FromReplyOwned>(
        self,
        script: &Script,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        script.run(&keys, &args, |command| self.execute(command))
    }
}

impl CallFunction for &Client {
    fn call_function<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        let call = |client: &mut Self| client.fcall(&function, &keys, &args);
        library.call(self, call, |client, load| client.execute(load))
    }

    fn call_function_ro<T: FromReplyOwned>(
        self,
        library: &FunctionLibrary,
        function: impl ToArg,
        keys: impl ToArgs,
        args: impl ToArgs,
    ) -> Result<T, Error> {
        let call = |client: &mut Self| client.fcall_ro(&function, &keys, &args);
        library.call(self, call, |client, load| client.execute(load))
    }
}
