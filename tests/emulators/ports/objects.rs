//! Objects: written once, read by version, listed whole.

use prompt_assay::adapters::s3::S3Bucket;
use prompt_assay::cloud::FailureClass;
use prompt_assay::release::ports::{Objects, Written};

use super::{bucket, connection, runtime};
use crate::emulator::{Emulator, boto3_says};

fn make(emulator: &Emulator, name: &str, versioned: bool) {
    let versions = if versioned { "Enabled" } else { "Suspended" };
    let program = format!(
        "import boto3\ns3 = boto3.client('s3')\ns3.create_bucket(Bucket='{name}')\n\
         s3.put_bucket_versioning(Bucket='{name}', VersioningConfiguration={{'Status': '{versions}'}})\n"
    );
    boto3_says(&emulator.url(), &program);
}

fn both() -> [&'static Emulator; 2] {
    [Emulator::shared_moto(), Emulator::shared_ministack()]
}

#[test]
fn an_object_is_written_once_and_read_by_version() {
    for emulator in both() {
        make(emulator, "versioned", true);
        let objects = bucket(emulator.options(), "versioned");
        assert_eq!(objects.bucket(), "versioned");
        let key = "prompts/a b/grüße+1";
        assert_eq!(objects.get(key, None), Ok(None));
        let Ok(Written::New(Some(version))) = objects.put_new(key, b"first", "text/plain; charset=utf-8")
        else {
            panic!("a new version")
        };
        assert_eq!(objects.put_new(key, b"other", "text/plain"), Ok(Written::Exists));
        objects.put(key, b"second", "text/plain").expect("written over");
        let newest = objects.get(key, None).expect("an answer").expect("an object");
        assert_eq!(newest.bytes, b"second");
        assert_ne!(newest.version_id.as_deref(), Some(version.as_str()));
        let first = objects.get(key, Some(&version)).expect("an answer").expect("an object");
        assert_eq!((first.bytes.as_slice(), first.version_id), (b"first".as_slice(), Some(version)));
    }
}

#[test]
fn a_bucket_without_versions_has_none_to_tell() {
    let emulator = Emulator::shared_moto();
    boto3_says(&emulator.url(), "import boto3\nboto3.client('s3').create_bucket(Bucket='plain')");
    let objects = bucket(emulator.options(), "plain");
    assert_eq!(objects.put_new("a", b"x", "text/plain"), Ok(Written::New(None)));
    assert_eq!(objects.get("a", None).expect("an answer").expect("an object").version_id, None);
}

#[test]
fn bytes_of_any_kind_and_forty_thousand_of_them_come_back() {
    for emulator in both() {
        make(emulator, "bytes", true);
        let objects = bucket(emulator.options(), "bytes");
        let bytes: Vec<u8> =
            (0..40_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        objects.put_new("large", &bytes, "application/octet-stream").expect("written");
        assert_eq!(objects.get("large", None).expect("an answer").expect("an object").bytes, bytes);
        objects.put("empty", b"", "text/plain").expect("written");
        assert_eq!(objects.get("empty", None).expect("an answer").expect("an object").bytes, b"");
    }
}

#[test]
fn a_listing_goes_over_pages_and_is_sorted() {
    // Pages have a thousand keys.
    let emulator = Emulator::shared_moto();
    make(emulator, "listed", false);
    let program = "import boto3\ns3 = boto3.client('s3')\n\
                   for n in range(1003): s3.put_object(Bucket='listed', Key=f'in/{n:04}', Body=b'')\n\
                   s3.put_object(Bucket='listed', Key='out', Body=b'')\n";
    boto3_says(&emulator.url(), program);
    let objects = bucket(emulator.options(), "listed");
    let keys = objects.list("in/").expect("a listing");
    assert_eq!(keys, (0..1003).map(|number| format!("in/{number:04}")).collect::<Vec<_>>());
    assert_eq!(objects.list("nothing/"), Ok(Vec::new()));
}

#[test]
fn a_head_tells_the_length_without_the_content() {
    for emulator in both() {
        make(emulator, "heads", true);
        let objects = S3Bucket::connect(&connection(emulator.options()), "heads");
        runtime().block_on(async {
            assert_eq!(objects.head("a").await, Ok(None));
            let Ok(Written::New(version_id)) = objects.put_new("a", b"12345", "text/plain").await else {
                panic!("a new object")
            };
            let head = objects.head("a").await.expect("an answer").expect("an object");
            assert_eq!((head.bytes, head.version_id), (5, version_id));
            assert!(head.modified_at > 1_700_000_000);
        });
    }
}

#[test]
fn a_missing_bucket_is_missing_whatever_is_asked() {
    for emulator in both() {
        let objects = bucket(emulator.options(), "nobodys");
        let failures = [
            objects.get("a", None).map(drop),
            objects.put("a", b"x", "text/plain"),
            objects.put_new("a", b"x", "text/plain").map(drop),
            objects.list("").map(drop),
        ];
        for failure in failures {
            let failure = failure.expect_err("no bucket");
            assert_eq!(
                (failure.class, failure.code.as_deref()),
                (FailureClass::Missing, Some("NoSuchBucket")),
                "{failure}"
            );
        }
    }
    let failure = bucket(Emulator::shared_moto().options(), "nobodys").list("").expect_err("no bucket");
    insta::assert_snapshot!(failure, @"s3:ListBucket on `s3://nobodys`: The specified bucket does not exist (create the bucket `nobodys`, or check its name and that AWS_REGION (us-east-1) is the bucket's region)");
}

#[test]
fn boto3_finds_the_checksum_and_the_kind_of_content() {
    let emulator = Emulator::shared_moto();
    make(emulator, "checked", true);
    bucket(emulator.options(), "checked")
        .put_new("a", b"hello", "text/plain; charset=utf-8")
        .expect("written");
    let program = "import boto3\n\
                   head = boto3.client('s3').head_object(Bucket='checked', Key='a', ChecksumMode='ENABLED')\n\
                   print(head['ContentType'], head['ChecksumSHA256'])";
    let said = boto3_says(&emulator.url(), program);
    assert_eq!(said, "text/plain; charset=utf-8 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
}
