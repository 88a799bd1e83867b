using System;
using System.IO;
using System.IO.Pipes;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Remoting;
using System.Management.Automation.Remoting.Client;
using System.Management.Automation.Runspaces;
using System.Threading;

namespace NfceSync.PowerShell.Tests;

/// <summary>
/// The engine's named pipe with a computer's name. <see cref="NamedPipeConnectionInfo"/> calls every computer
/// <c>localhost</c>, and what comes back from several of them could not be told apart.
/// </summary>
public sealed class NamedPipeComputer(string pipeName, string computerName) : RunspaceConnectionInfo
{
    /// <inheritdoc/>
    public override string ComputerName
    {
        get => computerName;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override PSCredential? Credential
    {
        get => null;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override AuthenticationMechanism AuthenticationMechanism
    {
        get => AuthenticationMechanism.Default;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override string CertificateThumbprint
    {
        get => "";
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override RunspaceConnectionInfo Clone() => new NamedPipeComputer(pipeName, computerName);

    /// <inheritdoc/>
    public override BaseClientSessionTransportManager CreateClientSessionTransportManager(
        Guid instanceId, string sessionName, PSRemotingCryptoHelper cryptoHelper) => new Transport(pipeName, instanceId, cryptoHelper);

    private sealed class Transport(string pipeName, Guid instanceId, PSRemotingCryptoHelper cryptoHelper)
        : ClientSessionTransportManagerBase(instanceId, cryptoHelper)
    {
        private readonly NamedPipeClientStream _pipe = new(".", pipeName, PipeDirection.InOut, PipeOptions.Asynchronous);

        public override void CreateAsync()
        {
            _pipe.Connect(TimeSpan.FromMinutes(1));
            SetMessageWriter(new StreamWriter(_pipe) { AutoFlush = true });
            new Thread(Read) { IsBackground = true, Name = pipeName }.Start();
        }

        protected override void CleanupConnection() => _pipe.Dispose();

        private void Read()
        {
            using var reader = new StreamReader(_pipe);
            SendOneItem();
            while (NextLine(reader) is { } line)
            {
                HandleDataReceived(line);
            }

            // Does nothing where this side has closed the session.
            RaiseErrorHandler(new TransportErrorOccuredEventArgs(
                new PSRemotingTransportException("The other process has ended."), TransportMethodEnum.ReceiveShellOutputEx));
        }

        private static string? NextLine(StreamReader reader)
        {
            try
            {
                return reader.ReadLine();
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return null;
            }
        }
    }
}
