using System;
using System.IO;

namespace NfceSync.Core.Tests.Stores;

/// <summary>A file in a folder of its own that goes with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string content)
        : this() => File.WriteAllText(Path, content);

    public TemporaryFile(byte[] content)
        : this() => File.WriteAllBytes(Path, content);

    public TemporaryFile() => Path = System.IO.Path.Combine(Folder, "file");

    public string Folder { get; } = Directory.CreateTempSubdirectory("nfce-").FullName;

    public string Path { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
