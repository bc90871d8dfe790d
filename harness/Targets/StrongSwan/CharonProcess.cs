using System.Diagnostics;
using System.Globalization;
using System.Text;
using Conformance.Agent;
using Conformance.Harness.Contract;
using Conformance.Harness.Targets.Linux;

namespace Conformance.Harness.Targets.StrongSwan;

/// <summary>The charon daemon as a program of the guest kernel.</summary>
internal sealed class CharonProcess
{
    /// <summary>Where Debian's charon-systemd puts it.</summary>
    public const string Path = "/usr/sbin/charon-systemd";

    /// <summary>Files without which it does not serve: the daemon, and cryptography by OpenSSL.</summary>
    public static IReadOnlyList<string> Needed { get; } = [Path, "/usr/lib/ipsec/plugins/libstrongswan-openssl.so"];

    private const byte Stream = 20;
    private const string Directory = "/run";
    private const string ConfigurationPath = $"{Directory}/strongswan.conf";
    private const string SocketPath = $"{Directory}/charon.vici";
    private const string LogPath = $"{Directory}/charon.log";
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);
    private readonly AgentChannel _channel;
    private int? _process;

    /// <summary>Prepares a guest for it.</summary>
    public CharonProcess(AgentChannel channel)
    {
        _channel = channel;
        Require(channel.AskStatus(Operation.Mount, Encoding.UTF8.GetBytes($"tmpfs\0{Directory}")), $"a filesystem at {Directory}");
    }

    /// <summary>Starts a daemon that knows of nothing, in the place of the one before.</summary>
    /// <exception cref="TargetUnavailableException">It does not come up; the message has the end of its log.</exception>
    public ViciClient Restart(int? fragmentBytes)
    {
        End();
        Create(ConfigurationPath, Options(fragmentBytes));
        Create(LogPath, "");
        byte[] answer = _channel.Ask(Operation.StartProgram, Encoding.UTF8.GetBytes(
            $"{LogPath}\0{Path}\0\0PATH=/usr/sbin:/usr/bin:/sbin:/bin\0STRONGSWAN_CONF={ConfigurationPath}\0\0"));
        Require(BitConverter.ToInt32(answer, 0), Path);
        _process = BitConverter.ToInt32(answer, 4);
        Stopwatch watch = Stopwatch.StartNew();
        while (_channel.AskStatus(Operation.OpenStream, [Stream], Encoding.UTF8.GetBytes(SocketPath)) != 0)
        {
            if (watch.Elapsed > StartPatience)
            {
                throw new TargetUnavailableException($"charon does not open its VICI socket within {StartPatience.TotalSeconds:0} s:\n{Log()}");
            }

            // The socket shows itself by no event.
            _channel.NextBytes(Stream, Pause);
        }

        return new ViciClient(_channel, Stream);
    }

    /// <summary>Ends it at once: it says goodbye to nobody.</summary>
    public void End()
    {
        if (_process is { } process)
        {
            _channel.AskStatus(Operation.CloseStream, [Stream]);
            _channel.AskStatus(Operation.EndProgram, BitConverter.GetBytes(process));
            _channel.DropBytes(Stream);
            _process = null;
        }
    }

    /// <summary>True if it has ended by itself: its end of the VICI socket is closed.</summary>
    public bool HasDied => _process is not null && _channel.HasEnded(Stream);

    /// <summary>What it wrote, its end.</summary>
    public string Log()
    {
        byte[] answer = _channel.Ask(Operation.ReadFile, Encoding.UTF8.GetBytes(LogPath));
        return string.Join('\n', Encoding.UTF8.GetString(answer.AsSpan(4)).Split('\n').TakeLast(40));
    }

    private static string Options(int? fragmentBytes) => string.Create(CultureInfo.InvariantCulture, $$"""
        charon-systemd {
          load = random nonce openssl kdf hmac sha1 sha2 aes gcm ccm ctr xcbc cmac chapoly curve25519 x509 pem pkcs1 pkcs8 pubkey constraints kernel-netlink socket-default vici
          install_routes = no
          dos_protection = no
          init_limit_half_open = 0
          {{(fragmentBytes is { } bytes ? $"fragment_size = {bytes}" : "")}}
          plugins {
            vici { socket = unix://{{SocketPath}} }
          }
          journal { default = -1 }
          filelog {
            stderr { default = 1 }
          }
        }
        """);

    private void Create(string path, string content) => Require(_channel.AskStatus(Operation.CreateFile, Encoding.UTF8.GetBytes($"{path}\0{content}")), path);

    private static void Require(int errno, string what)
    {
        if (errno != 0)
        {
            throw new TargetUnavailableException($"{what} cannot be had in the guest: {new System.ComponentModel.Win32Exception(errno).Message} (errno {errno})");
        }
    }
}
