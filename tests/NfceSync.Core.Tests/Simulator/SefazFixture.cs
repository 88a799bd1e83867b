using System;
using NfceSync.SefazSimulator;

namespace NfceSync.Core.Tests.SimulatorTests;

/// <summary>One authority for all tests of a class: making RSA keys is what takes time.</summary>
public sealed class SefazFixture : IDisposable
{
    public const string Issuer = "12345678000195";

    public TestAuthority Authority { get; } = TestAuthority.Create();

    public void Dispose() => Authority.Dispose();
}
