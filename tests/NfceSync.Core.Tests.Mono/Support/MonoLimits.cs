using System;
using System.IO;

using NfceSync.Core.Queue;

namespace NfceSync.Core.Tests.Mono
{
    /// <summary>Where mono is not .NET Framework, so that a test must go around it.</summary>
    internal static class MonoLimits
    {
        /// <summary>An empty queue: mono knows no Windows rights, with which .NET Framework makes the folder and the files.</summary>
        public static void MakeHome(string home)
        {
            Directory.CreateDirectory(home);
            foreach (string name in new[] { QueueHome.FileName, QueueLock.FileName })
            {
                string path = Path.Combine(home, name);
                if (!File.Exists(path))
                {
                    File.WriteAllBytes(path, Array.Empty<byte>());
                }
            }
        }

        /// <summary>
        /// What mono throws of signatures that .NET Framework answers: of a certificate whose key is not RSA (it says null
        /// there), and of an empty signature value (it is wrong there).
        /// </summary>
        public static bool Explain(Exception e) => e switch
        {
            NotSupportedException => e.StackTrace.Contains("X509Certificates.PublicKey.get_Key"),
            IndexOutOfRangeException => e.StackTrace.Contains("Mono.Security.Cryptography.PKCS1.OS2IP"),
            _ => false,
        };
    }
}

namespace NfceSync.Core.Tests.Queue
{
    public sealed partial class QueueTests
    {
        partial void MakeHome() => Mono.MonoLimits.MakeHome(Home);
    }
}
