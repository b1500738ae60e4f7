//! Vector sets: what the server answers, on every way.

use redis::{VAddOptions, VSimOptions, Vector, VectorQuery, prelude::*};

use super::{has, on_each_way};

#[test]
fn similar_elements_are_found() {
    on_each_way(|client, version| {
        if !has(version, "vector sets", Some((8, 0)), None) {
            return;
        }
        let vector = |x: f64, y: f64| Vector::Values(vec![x, y]);
        let plain = || VAddOptions::new().noquant();
        assert!(client.vadd("v", vector(1.0, 0.0), "east", plain()).unwrap());
        let options = plain().cas().ef(50).m(16).set_attr(r#"{"n":1}"#);
        assert!(
            client
                .vadd("v", vector(0.0, 1.0), "north", options)
                .unwrap()
        );
        assert!(
            !client
                .vadd("v", Vector::Fp32(vec![1.0, 0.0]), "east", plain())
                .unwrap()
        );
        assert_eq!(client.vcard("v").unwrap(), 2);
        assert_eq!(client.vdim("v").unwrap(), 2);
        assert_eq!(client.vemb("v", "east").unwrap(), Some(vec![1.0, 0.0]));
        assert_eq!(client.vemb("v", "nope").unwrap(), None);
        let raw = client.vemb_raw("v", "east").unwrap().unwrap();
        assert_eq!(
            (raw.quantization.as_str(), raw.bytes.len(), raw.norm),
            ("f32", 8, 1.0)
        );
        assert_eq!(
            client.vgetattr::<String>("v", "north").unwrap().as_deref(),
            Some(r#"{"n":1}"#)
        );
        assert_eq!(client.vgetattr::<String>("v", "east").unwrap(), None);
        assert!(client.vsetattr("v", "east", r#"{"n":2}"#).unwrap());
        assert!(!client.vsetattr("v", "nope", "{}").unwrap());
        let info = client.vinfo("v").unwrap().unwrap();
        assert_eq!(
            (info.quantization.as_str(), info.dimensions, info.size),
            ("f32", 2, 2)
        );
        assert_eq!(client.vinfo("nope").unwrap(), None);
        assert!(client.vismember("v", "east").unwrap());
        assert!(!client.vismember("v", "nope").unwrap());
        let links = client.vlinks::<String>("v", "east").unwrap().unwrap();
        assert_eq!(links.last().unwrap(), &["north"]);
        let links = client
            .vlinks_withscores::<String>("v", "east")
            .unwrap()
            .unwrap();
        assert_eq!(links.last().unwrap(), &[(String::from("north"), 0.5)]);
        assert_eq!(client.vlinks::<String>("v", "nope").unwrap(), None);
        assert!(client.vrandmember::<String>("v").unwrap().is_some());
        assert_eq!(client.vrandmember::<String>("nope").unwrap(), None);
        assert_eq!(
            client.vrandmember_count::<String>("v", -5).unwrap().len(),
            5
        );
        let query = VectorQuery::element("east");
        assert_eq!(
            client
                .vsim::<String>("v", query.clone(), VSimOptions::new())
                .unwrap(),
            ["east", "north"]
        );
        assert_eq!(
            client
                .vsim_withscores::<String>("v", vector(0.0, 2.0).into(), VSimOptions::new().truth())
                .unwrap(),
            [("north".into(), 1.0), ("east".into(), 0.5)]
        );
        let options = VSimOptions::new()
            .count(1)
            .ef(9)
            .filter(".n == 1")
            .filter_ef(9)
            .no_thread();
        assert_eq!(
            client.vsim::<String>("v", query.clone(), options).unwrap(),
            ["north"]
        );
        if has(version, "VSIM WITHATTRIBS", Some((8, 2)), None) {
            let found = client.vsim_withattribs::<String>("v", query, VSimOptions::new());
            assert_eq!(found.unwrap()[1].attributes.as_deref(), Some(r#"{"n":1}"#));
        }
        if has(version, "VRANGE", Some((8, 4)), None) {
            assert_eq!(client.vrange::<String>("v", .., 1).unwrap(), ["east"]);
        }
        assert!(client.vrem("v", "east").unwrap());
        assert!(!client.vrem("v", "east").unwrap());
    });
}
