//! The units by which systemd keeps the tiers running, hardened as far as they bear it.
//!
//! Directives after systemd.exec(5); Amazon Linux 2023 has systemd 252.

use terrace_net::Port;

/// What a unit runs.
pub(super) struct Unit<'a> {
    /// `items: app`
    pub(super) about: String,
    /// The user, and the name of the unit and of its runtime folder.
    pub(super) name: &'a str,
    pub(super) party: &'a str,
    pub(super) folder: String,
    pub(super) exec: &'a str,
    /// The port it listens on.
    pub(super) port: Port,
    /// Whether it makes machine code while it runs.
    pub(super) compiles: bool,
    /// Seconds that it may take to end.
    pub(super) stop: u32,
    /// What runs as root when it has ended, if something does.
    pub(super) ended: Option<&'a str>,
    /// The unit that has to have done its work, if there is one.
    pub(super) needs: Option<&'a str>,
}

impl Unit<'_> {
    /// The unit's file.
    pub(super) fn text(&self) -> String {
        // Below 1024 a port takes a capability; beyond it a service has none at all.
        let (capabilities, users) =
            if self.port.get() < 1024 { ("CAP_NET_BIND_SERVICE", "no") } else { ("", "yes") };
        let executable = if self.compiles { "no" } else { "yes" };
        let (after, requires) = match self.needs {
            Some(unit) => (format!(" {unit}"), format!("Requires={unit}\n")),
            None => (String::new(), String::new()),
        };
        let ended = self.ended.map(|program| format!("ExecStopPost=+{program}\n")).unwrap_or_default();
        let Self { about, name, party, folder, exec, stop, .. } = self;
        format!(
            "[Unit]
Description={about}
# Its settings are written by cloud-init; an image that is only being built has none.
After=network-online.target cloud-init.service{after}
{requires}Wants=network-online.target
ConditionPathExists=/etc/terrace/boot.json
StartLimitIntervalSec=0

[Service]
Type=exec
User={name}
Group={name}
WorkingDirectory={folder}
ExecStart={exec}
ExecReload=/bin/kill -HUP $MAINPID
{ended}Restart=always
RestartSec=2
TimeoutStopSec={stop}
KillMode=mixed
# A program that just ends when it is told to, told by terrace-boot as shells tell it.
SuccessExitStatus=143
RuntimeDirectory={name}
StateDirectory={name}
Environment=HOME=/var/lib/{name}
StandardOutput=append:/var/log/terrace/{party}.log
StandardError=inherit
LimitNOFILE=65536
UMask=0077

# It may write to its own folders below /run and /var/lib, and to /tmp, which is its own.
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers={users}
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
NoNewPrivileges=yes
CapabilityBoundingSet={capabilities}
AmbientCapabilities={capabilities}
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute={executable}
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"
        )
    }
}
