using System;
using System.Security.Cryptography.X509Certificates;

namespace NfceSync.SefazSimulator;

/// <summary>Rules A01 to A07 and E01 to E07 of the manual, which differ only in their codes.</summary>
internal static class CertificateCheck
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <summary>The code of the transmitter's certificate: 0, or 280 to 283.</summary>
    public static int Transmitter(X509Certificate2? certificate, TestAuthority authority, DateTimeOffset now) => certificate switch
    {
        null => 280,
        _ when !IsForClients(certificate) => 280,
        _ when !IsCurrent(certificate, now) => 281,
        _ when !authority.Signed(certificate) => 283,
        _ when IcpBrasilName.Read(certificate) is null => 282,
        _ => 0,
    };

    public static bool IsCurrent(X509Certificate2 certificate, DateTimeOffset now) =>
        now >= certificate.NotBefore.ToUniversalTime() && now <= certificate.NotAfter.ToUniversalTime();

    private static bool IsForClients(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions)
        {
            if (extension is X509EnhancedKeyUsageExtension usage)
            {
                foreach (var purpose in usage.EnhancedKeyUsages)
                {
                    if (purpose.Value == ClientAuthentication)
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
