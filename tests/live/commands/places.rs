//! Places on earth: what the server answers, on every way.

use redis::{GeoAddOptions, GeoArea, GeoOptions, GeoOrigin, GeoUnit, prelude::*};

use super::{has, on_each_way};

const KM: GeoUnit = GeoUnit::Kilometers;

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 0.001
}

#[test]
fn places_are_added_measured_and_found() {
    on_each_way(|client, version| {
        let places = [
            (13.361389, 38.115556, "Palermo"),
            (15.087269, 37.502669, "Catania"),
        ];
        assert_eq!(client.geoadd("g", places).unwrap(), 2);
        let options = GeoAddOptions::new().xx().count_changed();
        assert_eq!(
            client
                .geoadd_with("g", (13.4, 38.1, "nope"), options)
                .unwrap(),
            0
        );
        let distance = client.geodist("g", "Palermo", "Catania", KM).unwrap();
        assert!(near(distance.unwrap(), 166.2742));
        assert_eq!(client.geodist("g", "Palermo", "nope", KM).unwrap(), None);
        assert_eq!(
            client.geohash("g", ["Palermo", "nope"]).unwrap(),
            [Some("sqc8b49rny0".into()), None]
        );
        let positions = client.geopos("g", ["Palermo", "nope"]).unwrap();
        assert!(near(positions[0].unwrap().longitude, 13.361389));
        assert_eq!(positions[1], None);

        let all = || GeoOptions::new().with_coord().with_dist().with_hash().asc();
        let center = (15.0, 37.0);
        let area = GeoArea::circle(GeoOrigin::point(15.0, 37.0), 200.0, KM);
        let found = client
            .geosearch::<String>("g", area.clone(), all())
            .unwrap();
        assert_eq!((found[0].member.as_str(), found.len()), ("Catania", 2));
        assert!(near(found[0].distance.unwrap(), 56.4413));
        assert_eq!(found[0].hash, Some(3_479_447_370_796_909));
        assert!(near(found[0].position.unwrap().latitude, 37.502669));
        let plain = GeoOptions::new().desc().count(1);
        let farthest = client
            .geosearch::<String>("g", area.clone(), plain)
            .unwrap();
        assert_eq!(
            (farthest[0].member.as_str(), farthest[0].distance),
            ("Palermo", None)
        );
        let wide = GeoArea::rectangle(GeoOrigin::member("Palermo"), 400.0, 400.0, KM);
        assert_eq!(
            client
                .geosearch::<String>("g", wide, GeoOptions::new().with_dist())
                .unwrap()
                .len(),
            2
        );
        assert_eq!(
            client
                .geosearchstore("d", "g", area.clone(), GeoOptions::new())
                .unwrap(),
            2
        );
        assert_eq!(
            client
                .geosearchstore_dist("d", "g", area, GeoOptions::new())
                .unwrap(),
            2
        );
        assert!(near(
            client.zscore("d", "Catania").unwrap().unwrap(),
            56.4413
        ));
        if has(version, "BYPOLYGON", None, Some((9, 0))) {
            let area = GeoArea::polygon(&[(12.0, 37.0), (14.0, 37.0), (14.0, 39.0), (12.0, 39.0)]);
            let found = client
                .geosearch::<String>("g", area, GeoOptions::new())
                .unwrap();
            assert_eq!((found[0].member.as_str(), found.len()), ("Palermo", 1));
        }

        let old = client
            .georadius::<String>("g", center, 200.0, KM, all())
            .unwrap();
        assert_eq!(old, found);
        let old = client.georadius_ro::<String>("g", center, 200.0, KM, all());
        assert_eq!(old.unwrap(), found);
        let by_member = client
            .georadiusbymember::<String>("g", "Catania", 200.0, KM, all())
            .unwrap();
        assert!(near(by_member[1].distance.unwrap(), 166.2742));
        let old = client.georadiusbymember_ro::<String>("g", "Catania", 200.0, KM, all());
        assert_eq!(old.unwrap(), by_member);
        let plain = GeoOptions::new;
        assert_eq!(
            client
                .georadius_store("g", center, 200.0, KM, plain(), "d")
                .unwrap(),
            2
        );
        assert_eq!(
            client
                .georadius_storedist("g", center, 200.0, KM, plain(), "d")
                .unwrap(),
            2
        );
        assert_eq!(
            client
                .georadiusbymember_store("g", "Catania", 10.0, KM, plain(), "d")
                .unwrap(),
            1
        );
        assert_eq!(
            client
                .georadiusbymember_storedist("g", "Catania", 10.0, KM, plain(), "d")
                .unwrap(),
            1
        );
    });
}
