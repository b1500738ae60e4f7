//! Places on earth: <https://redis.io/docs/latest/commands/?group=geo>.

use resp_proto::FromReplyOwned;

use crate::{
    Command, Execute, GeoAddOptions, GeoArea, GeoFound, GeoOptions, GeoPoint, GeoUnit, ToArg,
    ToArgs, cmd,
};

/// Commands on places: sorted sets whose scores are positions.
pub trait GeoCommands: Execute {
    /// Adds places, given as `(longitude, latitude, member)`, or moves those that exist. Returns how many are new.
    ///
    /// Since Redis 3.2. Complexity: O(log(N)).
    #[doc(alias = "GEOADD")]
    fn geoadd(self, key: impl ToArg, places: impl ToArgs) -> Self::Output<usize> {
        self.execute(cmd("GEOADD").key(&key).triples(&places))
    }

    /// Adds places, given as `(longitude, latitude, member)`, under `options`. Returns how many are new, or with
    /// [`count_changed`](GeoAddOptions::count_changed) how many are new or have moved.
    ///
    /// Since Redis 3.2. Complexity: O(log(N)).
    #[doc(alias = "GEOADD")]
    #[doc(alias = "GEOADD NX")]
    fn geoadd_with(
        self,
        key: impl ToArg,
        places: impl ToArgs,
        options: GeoAddOptions,
    ) -> Self::Output<usize> {
        self.execute(cmd("GEOADD").key(&key).with(&options).triples(&places))
    }

    /// How far two members are apart; `None` when one of them is missing.
    ///
    /// Since Redis 3.2. Complexity: O(1).
    #[doc(alias = "GEODIST")]
    fn geodist(
        self,
        key: impl ToArg,
        one: impl ToArg,
        other: impl ToArg,
        unit: GeoUnit,
    ) -> Self::Output<Option<f64>> {
        self.execute(
            cmd("GEODIST")
                .read_only()
                .key(&key)
                .arg(&one)
                .arg(&other)
                .with(&unit),
        )
    }

    /// The geohash of each of `members`, `None` for those that are missing.
    ///
    /// Since Redis 3.2. Complexity: O(1).
    #[doc(alias = "GEOHASH")]
    fn geohash(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<Vec<Option<String>>> {
        self.execute(
            cmd("GEOHASH")
                .read_only()
                .key(&key)
                .elements_or_none(&members),
        )
    }

    /// Where each of `members` is, `None` for those that are missing.
    ///
    /// Since Redis 3.2. Complexity: O(1).
    #[doc(alias = "GEOPOS")]
    fn geopos(self, key: impl ToArg, members: impl ToArgs) -> Self::Output<Vec<Option<GeoPoint>>> {
        self.execute(
            cmd("GEOPOS")
                .read_only()
                .key(&key)
                .elements_or_none(&members),
        )
    }

    /// The members around a point. Deprecated since Redis 6.2 in favour of [`geosearch`](GeoCommands::geosearch).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUS")]
    fn georadius<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        center: impl Into<GeoPoint>,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
    ) -> Self::Output<Vec<GeoFound<T>>> {
        self.execute(around_point("GEORADIUS", &key, &center.into(), radius, &unit).with(&options))
    }

    /// Stores the members around a point at `destination`. Returns their number. Deprecated since Redis 6.2 in favour
    /// of [`geosearchstore`](GeoCommands::geosearchstore).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUS")]
    #[doc(alias = "GEORADIUS STORE")]
    fn georadius_store(
        self,
        key: impl ToArg,
        center: impl Into<GeoPoint>,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
        destination: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            around_point("GEORADIUS", &key, &center.into(), radius, &unit)
                .with(&options.where_stored())
                .word("STORE")
                .key(&destination),
        )
    }

    /// Stores the members around a point at `destination`, with distances for scores. Returns their number. Deprecated
    /// since Redis 6.2 in favour of [`geosearchstore_dist`](GeoCommands::geosearchstore_dist).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUS")]
    #[doc(alias = "GEORADIUS STOREDIST")]
    fn georadius_storedist(
        self,
        key: impl ToArg,
        center: impl Into<GeoPoint>,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
        destination: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            around_point("GEORADIUS", &key, &center.into(), radius, &unit)
                .with(&options.where_stored())
                .word("STOREDIST")
                .key(&destination),
        )
    }

    /// The members around one of them. Deprecated since Redis 6.2 in favour of [`geosearch`](GeoCommands::geosearch).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUSBYMEMBER")]
    fn georadiusbymember<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        member: impl ToArg,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
    ) -> Self::Output<Vec<GeoFound<T>>> {
        self.execute(
            around_member("GEORADIUSBYMEMBER", &key, &member, radius, &unit).with(&options),
        )
    }

    /// Stores the members around one of them at `destination`. Returns their number. Deprecated since Redis 6.2 in
    /// favour of [`geosearchstore`](GeoCommands::geosearchstore).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUSBYMEMBER")]
    #[doc(alias = "GEORADIUSBYMEMBER STORE")]
    fn georadiusbymember_store(
        self,
        key: impl ToArg,
        member: impl ToArg,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
        destination: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            around_member("GEORADIUSBYMEMBER", &key, &member, radius, &unit)
                .with(&options.where_stored())
                .word("STORE")
                .key(&destination),
        )
    }

    /// Stores the members around one of them at `destination`, with distances for scores. Returns their number.
    /// Deprecated since Redis 6.2 in favour of [`geosearchstore_dist`](GeoCommands::geosearchstore_dist).
    ///
    /// Since Redis 3.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUSBYMEMBER")]
    #[doc(alias = "GEORADIUSBYMEMBER STOREDIST")]
    fn georadiusbymember_storedist(
        self,
        key: impl ToArg,
        member: impl ToArg,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
        destination: impl ToArg,
    ) -> Self::Output<usize> {
        self.execute(
            around_member("GEORADIUSBYMEMBER", &key, &member, radius, &unit)
                .with(&options.where_stored())
                .word("STOREDIST")
                .key(&destination),
        )
    }

    /// The members around one of them, by a command that only reads. Deprecated since Redis 6.2 in favour of
    /// [`geosearch`](GeoCommands::geosearch).
    ///
    /// Since Redis 3.2.10. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUSBYMEMBER_RO")]
    fn georadiusbymember_ro<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        member: impl ToArg,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
    ) -> Self::Output<Vec<GeoFound<T>>> {
        self.execute(
            around_member("GEORADIUSBYMEMBER_RO", &key, &member, radius, &unit)
                .read_only()
                .with(&options),
        )
    }

    /// The members around a point, by a command that only reads. Deprecated since Redis 6.2 in favour of
    /// [`geosearch`](GeoCommands::geosearch).
    ///
    /// Since Redis 3.2.10. Complexity: O(N+log(M)).
    #[doc(alias = "GEORADIUS_RO")]
    fn georadius_ro<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        center: impl Into<GeoPoint>,
        radius: f64,
        unit: GeoUnit,
        options: GeoOptions,
    ) -> Self::Output<Vec<GeoFound<T>>> {
        self.execute(
            around_point("GEORADIUS_RO", &key, &center.into(), radius, &unit)
                .read_only()
                .with(&options),
        )
    }

    /// The members within an area, with what `options` ask for.
    ///
    /// Since Redis 6.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEOSEARCH")]
    fn geosearch<T: FromReplyOwned>(
        self,
        key: impl ToArg,
        area: GeoArea,
        options: GeoOptions,
    ) -> Self::Output<Vec<GeoFound<T>>> {
        self.execute(
            cmd("GEOSEARCH")
                .read_only()
                .key(&key)
                .with(&area)
                .with(&options),
        )
    }

    /// Stores the members of `source` within an area at `destination`. Returns their number.
    ///
    /// Since Redis 6.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEOSEARCHSTORE")]
    fn geosearchstore(
        self,
        destination: impl ToArg,
        source: impl ToArg,
        area: GeoArea,
        options: GeoOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("GEOSEARCHSTORE")
                .key(&destination)
                .key(&source)
                .with(&area)
                .with(&options.where_stored()),
        )
    }

    /// Stores the members of `source` within an area at `destination`, with distances for scores. Returns their number.
    ///
    /// Since Redis 6.2. Complexity: O(N+log(M)).
    #[doc(alias = "GEOSEARCHSTORE")]
    #[doc(alias = "GEOSEARCHSTORE STOREDIST")]
    fn geosearchstore_dist(
        self,
        destination: impl ToArg,
        source: impl ToArg,
        area: GeoArea,
        options: GeoOptions,
    ) -> Self::Output<usize> {
        self.execute(
            cmd("GEOSEARCHSTORE")
                .key(&destination)
                .key(&source)
                .with(&area)
                .with(&options.where_stored())
                .word("STOREDIST"),
        )
    }
}

fn around_point<'a, T>(
    name: &str,
    key: &'a impl ToArg,
    center: &'a GeoPoint,
    radius: f64,
    unit: &'a GeoUnit,
) -> Command<'a, T> {
    cmd(name).key(key).with(center).float(radius).with(unit)
}

fn around_member<'a, T>(
    name: &str,
    key: &'a impl ToArg,
    member: &'a impl ToArg,
    radius: f64,
    unit: &'a GeoUnit,
) -> Command<'a, T> {
    cmd(name).key(key).arg(member).float(radius).with(unit)
}
