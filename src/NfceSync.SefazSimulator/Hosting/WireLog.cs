using System;
using System.Globalization;
using System.IO;

namespace NfceSync.SefazSimulator;

/// <summary>Writes every request and reply body as a numbered file.</summary>
internal sealed class WireLog
{
    private readonly string _folder;

    public WireLog(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
    }

    public void Write(long number, SefazService service, ReadOnlyMemory<byte> request, byte[] reply)
    {
        var name = Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{number:000000}-{ServiceContract.Of(service).Name}"));
        using (var file = File.Create(name + "-request.xml"))
        {
            file.Write(request.Span);
        }

        File.WriteAllBytes(name + "-reply.xml", reply);
    }
}
