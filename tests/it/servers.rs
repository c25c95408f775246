//! Servers that tests start for themselves and stop: PostgreSQL from Debian, an S3 server from PyPI.
//!
//! `scripts/setup.sh tests` installs them. Where they are not, tests go on without and say so; under CI
//! that is a failure.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use heyan::store::Store;

/// The one whom a server runs as that refuses to be root: nobody.
const NOBODY: u32 = 65534;
const PATIENCE: Duration = Duration::from_secs(60);

/// Both servers, stopped when the last test lets go of them.
pub(super) struct Servers {
    pub(super) postgres: Option<Postgres>,
    pub(super) s3: Option<S3>,
    stores: AtomicUsize,
}

pub(super) struct Postgres {
    server: Child,
    pub(super) folder: tempfile::TempDir,
    bin: PathBuf,
    as_root: bool,
}

pub(super) struct S3 {
    server: Child,
    pub(super) endpoint: String,
}

/// A place for a store that nobody else uses.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) store: String,
    pub(super) files: Option<String>,
    _folder: tempfile::TempDir,
    _servers: Option<Arc<Servers>>,
}

impl Place {
    pub(super) fn open(&self) -> Store {
        Store::open(&self.store, self.files.as_deref())
            .unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

static RUNNING: Mutex<Weak<Servers>> = Mutex::new(Weak::new());

/// The servers; started if nobody uses them yet.
pub(super) fn servers() -> Arc<Servers> {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(servers) = running.upgrade() {
        return servers;
    }
    let (postgres, s3) = (Postgres::start(), S3::start());
    for (name, is) in [("PostgreSQL", postgres.is_some()), ("S3", s3.is_some())] {
        assert!(is || env::var_os("CI").is_none(), "no server for {name}: run scripts/setup.sh tests");
        if !is {
            eprintln!("skipped over {name}: run scripts/setup.sh tests");
        }
    }
    let servers = Arc::new(Servers { postgres, s3, stores: AtomicUsize::new(0) });
    *running = Arc::downgrade(&servers);
    servers
}

/// A store of every kind, each empty.
pub(super) fn places() -> Vec<Place> {
    let servers = servers();
    let mut places = vec![Place::sqlite()];
    let place = |name, store: Option<String>, files: Option<String>| {
        let folder = tempfile::tempdir().unwrap();
        let inside = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        Place {
            name,
            store: store.unwrap_or_else(|| inside("store.db")),
            files: Some(files.unwrap_or_else(|| inside("files"))),
            _folder: folder,
            _servers: Some(Arc::clone(&servers)),
        }
    };
    let (postgres, s3) = (servers.postgres.as_ref(), servers.s3.as_ref());
    let number = || servers.stores.fetch_add(1, Ordering::Relaxed);
    if let Some(s3) = s3 {
        places.push(place("SQLite and S3", None, Some(s3.place(number()))));
    }
    if let Some(postgres) = postgres {
        places.push(place("PostgreSQL", Some(postgres.database(number())), None));
    }
    if let (Some(postgres), Some(s3)) = (postgres, s3) {
        let number = number();
        places.push(place("PostgreSQL and S3", Some(postgres.database(number)), Some(s3.place(number))));
    }
    places
}

impl Place {
    /// A file of its own.
    pub(super) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("a store.db").to_str().unwrap().to_owned();
        Self { name: "SQLite", store, files: None, _folder: folder, _servers: None }
    }
}

impl Postgres {
    fn start() -> Option<Self> {
        let mut versions: Vec<PathBuf> =
            fs::read_dir("/usr/lib/postgresql").ok()?.map(|one| one.unwrap().path()).collect();
        versions.sort();
        let bin = versions.pop()?.join("bin");
        let folder = tempfile::tempdir().unwrap();
        let as_root =
            fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        if as_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let path = folder.path().to_owned();
        let at = |name: &str| path.join(name).to_str().unwrap().to_owned();
        let data = at("data");
        run(program(&bin.join("initdb"), as_root).args([
            "-D",
            &data,
            "-U",
            "heyan",
            "-A",
            "trust",
            "--no-sync",
        ]));
        fs::write(
            at("certificate"),
            "[req]\nprompt = no\ndistinguished_name = name\nx509_extensions = more\n[name]\nCN = localhost\n\
             [more]\nsubjectAltName = DNS:localhost\nbasicConstraints = CA:FALSE\n",
        )
        .unwrap();
        run(Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-config",
                &at("certificate"),
            ])
            .args(["-keyout", &at("data/server.key"), "-out", &at("data/server.crt")]));
        if as_root {
            for name in ["data/server.key", "data/server.crt"] {
                chown(at(name), Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        // Through the network only whoever encrypts.
        fs::write(at("data/pg_hba.conf"), "local all all trust\nhostssl all all 127.0.0.1/32 trust\n")
            .unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = program(&bin.join("postgres"), as_root)
            .args(["-D", &data, "-k", folder.path().to_str().unwrap(), "-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "ssl=on", "-c", "fsync=off"])
            .stdout(Stdio::null())
            .stderr(fs::File::create(at("log")).unwrap())
            .spawn()
            .unwrap();
        fs::write(at("port"), port.to_string()).unwrap();
        let postgres = Self { server, folder, bin, as_root };
        let until = Instant::now() + PATIENCE;
        let ready = postgres.bin.join("pg_isready");
        while !Command::new(&ready).args(postgres.here()).stdout(Stdio::null()).status().unwrap().success() {
            assert!(Instant::now() < until, "PostgreSQL: {}", fs::read_to_string(at("log")).unwrap());
            thread::sleep(Duration::from_millis(50));
        }
        Some(postgres)
    }

    pub(super) fn port(&self) -> String {
        fs::read_to_string(self.folder.path().join("port")).unwrap()
    }

    fn here(&self) -> [String; 4] {
        ["-h".into(), self.folder.path().to_str().unwrap().into(), "-p".into(), self.port()]
    }

    /// A new database, by the address of the server's socket.
    pub(super) fn database(&self, number: usize) -> String {
        let name = format!("heyan{number}");
        run(program(&self.bin.join("createdb"), self.as_root).args(self.here()).args(["-U", "heyan", &name]));
        let socket = self.folder.path().to_str().unwrap().replace('/', "%2F");
        format!("postgres://heyan@localhost:{}/{name}?host={socket}", self.port())
    }
}

impl S3 {
    fn start() -> Option<Self> {
        let data = env::var_os("XDG_DATA_HOME").map(PathBuf::from);
        let data = data.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".local/share")))?;
        let packages = data.join("heyan/s3-server");
        if !packages.join("requirements.txt").is_file() {
            return None;
        }
        let mut server = Command::new("python3")
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", "0"])
            .env("PYTHONPATH", packages)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(server.stderr.take().unwrap()).lines();
        let endpoint = loop {
            let line = said.next().expect("the S3 server ended").unwrap();
            if let Some((_, endpoint)) = line.split_once("Running on ") {
                break endpoint.to_owned();
            }
        };
        // It says a line for every request, and waits where nobody listens.
        thread::spawn(move || said.for_each(drop));
        Some(Self { server, endpoint })
    }

    /// A new bucket, with everything else in the address.
    pub(super) fn place(&self, number: usize) -> String {
        let bucket = format!("heyan-{number}");
        let url = format!("{}/{bucket}", self.endpoint);
        run(Command::new("python3").args([
            "-c",
            "import sys, urllib.request as u; u.urlopen(u.Request(sys.argv[1], method='PUT'))",
            &url,
        ]));
        let endpoint = self.endpoint.replace(':', "%3A").replace('/', "%2F");
        format!(
            "s3://{bucket}/kept?endpoint={endpoint}&allow_http=true&region=us-east-1&access_key_id=heyan&secret_access_key=heyan"
        )
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        let stop = ["-m", "immediate", "-D", data.to_str().unwrap(), "stop"];
        let _ = program(&self.bin.join("pg_ctl"), self.as_root).args(stop).stdout(Stdio::null()).status();
        let _ = self.server.wait();
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn program(path: &Path, as_root: bool) -> Command {
    let mut command = Command::new(path);
    command.current_dir("/").env("LC_ALL", "C.UTF-8");
    if as_root {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
